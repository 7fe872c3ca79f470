import { isLovageError } from '../errors/lovage-error.js';
import type { LedgerRecord } from '../ports/ledger.js';
import { openSchedule } from '../schedule/open-schedule.js';
import type { ScheduleSettings } from './beat-settings.js';
import { readRecord } from './read-entry.js';
import type { RunRecord, ScheduleRecord } from './schedule-record.js';
import { beginsAnew } from './set-back.js';
import type { Done } from './schedule-shelf.js';
import type { ScheduleSpec } from '../schedule/schedule-spec.js';
import type { Overlap, PeriodicSendOptions } from './periodic-entry.js';
import type { KeptMissed } from './schedule-record.js';

/** A schedule as it is shown. */
export interface ScheduleInfo {
  readonly name: string;
  readonly task: string;
  readonly schedule: ScheduleSpec;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: PeriodicSendOptions;
  readonly missed: KeptMissed;
  readonly overlap: Overlap;
  readonly jitterMs: number;
  /** Queue of each host, where it runs on every one. */
  readonly hostQueue: string | undefined;
  readonly paused: boolean;
  /** The code declares it; it can be paused and changed, and not deleted. */
  readonly declared: boolean;
  /** `undefined`: paused, or never again. Jitter is not counted. */
  readonly nextRunAt: Date | undefined;
  /** When a message was sent last, by a tick or by hand. */
  readonly lastRunAt: Date | undefined;
  readonly lastTaskId: string | undefined;
  /** Messages sent, of all hosts. */
  readonly totalRunCount: number;
  /** What is wrong with it, if it can not run. */
  readonly problem: string | undefined;
}

/** Who leads the beats of one name. */
export interface BeatInfo {
  /** Claim: the beat's name, or with `@` the host. */
  readonly lease: string;
  readonly hostname: string;
}

/** A schedule as it is shown. */
export function scheduleInfo(
  { id: name, value }: Pick<LedgerRecord, 'id' | 'value'>,
  done: Done | undefined,
  now: number,
  settings: ScheduleSettings,
): ScheduleInfo {
  const ran = {
    ...lastOf(done),
    totalRunCount: done?.count ?? 0,
  };
  try {
    const record = readRecord(name, value);
    const { declared, hostQueue, fromMs: _fromMs, activeMs: _activeMs, ...shown } = record;
    return {
      name,
      ...shown,
      hostQueue,
      declared: declared !== undefined,
      ...nextOf(record, done?.run, now, settings),
      ...ran,
    };
  } catch (error) {
    return { ...unreadable, name, ...ran, problem: messageOf(error) };
  }
}

function nextOf(
  { schedule, paused, fromMs, activeMs }: ScheduleRecord,
  run: RunRecord | undefined,
  now: number,
  settings: ScheduleSettings,
): Pick<ScheduleInfo, 'nextRunAt' | 'problem'> {
  try {
    const opened = openSchedule(schedule, settings);
    if (paused) return { nextRunAt: undefined, problem: undefined };
    const until = Math.max(activeMs, run?.dueMs ?? 0);
    const isAnew = beginsAnew(schedule, until, now);
    const from = isAnew ? now : Math.max(fromMs, run?.fromMs ?? fromMs);
    const next = opened.next(isAnew ? now : Math.max(now, until), from);
    return { nextRunAt: next === undefined ? undefined : new Date(next), problem: undefined };
  } catch (error) {
    return { nextRunAt: undefined, problem: messageOf(error) };
  }
}

/** What is shown of a record that can not be read. */
const unreadable: Omit<ScheduleInfo, 'name' | 'problem' | 'lastRunAt' | 'lastTaskId' | 'totalRunCount'> = {
  task: '',
  schedule: { kind: 'custom', type: '', value: null },
  args: [],
  kwargs: {},
  options: {},
  missed: 'last',
  overlap: 'allow',
  jitterMs: 0,
  hostQueue: undefined,
  paused: true,
  declared: false,
  nextRunAt: undefined,
};

function lastOf(done: Done | undefined): Pick<ScheduleInfo, 'lastRunAt' | 'lastTaskId'> {
  const { run, manual } = done ?? {};
  const byHand = (manual?.sentMs ?? 0) > (run?.sentMs ?? 0);
  const sentMs = byHand ? manual?.sentMs : run?.sentMs;
  return {
    lastRunAt: sentMs === undefined ? undefined : new Date(sentMs),
    lastTaskId: byHand ? manual?.taskId : run?.taskId,
  };
}

const messageOf = (error: unknown): string => (isLovageError(error) ? error.message : String(error));
