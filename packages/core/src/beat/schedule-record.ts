import type { ScheduleSpec } from '../schedule/schedule-spec.js';
import type { Overlap, PeriodicSendOptions } from './periodic-entry.js';

/** What becomes of missed ticks, as it is kept. */
export type KeptMissed = 'skip' | 'last' | { readonly allMs: number };

/** What is due, and how it is sent: the part of a schedule that the code declares, or somebody gave. */
export interface ScheduleDefinition {
  readonly task: string;
  readonly schedule: ScheduleSpec;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: PeriodicSendOptions;
  readonly missed: KeptMissed;
  readonly overlap: Overlap;
  readonly jitterMs: number;
  /** Queue of one host, with `%h`; absent: it runs once for all hosts. */
  readonly hostQueue?: string | undefined;
}

/** A schedule as the ledger keeps it. */
export interface ScheduleRecord extends ScheduleDefinition {
  readonly paused: boolean;
  /** From when intervals are counted: milliseconds since 1970 UTC. */
  readonly fromMs: number;
  /** What was due before is no missed tick: it was made, changed or resumed then. */
  readonly activeMs: number;
  /** The definition as the code last declared it, as text; absent: it was added while running. */
  readonly declared?: string | undefined;
}

/** What a schedule has done; a record of its own, written together with each tick. */
export interface RunRecord {
  /** The latest tick that has been dealt with. */
  readonly dueMs: number;
  /** When the last message was sent, and its task; absent before the first. */
  readonly sentMs?: number | undefined;
  readonly taskId?: string | undefined;
  /** Messages sent. */
  readonly count: number;
  /** A tick that waits for the end of the last run (`overlap: 'queue'`). */
  readonly queuedMs?: number | undefined;
  /** From when intervals are counted, where the clock was set back meanwhile. */
  readonly fromMs?: number | undefined;
  /** Recorded, and perhaps not sent yet: broker and ledger are two stores. */
  readonly unsent?: true | undefined;
}

/** What was run by hand, besides the ticks. */
export interface ManualRecord {
  readonly sentMs: number;
  readonly taskId: string;
  readonly count: number;
}

/** Id of the run record of a schedule that runs on each host. No schedule has such a name. */
export const hostRunId = (host: string, schedule: string): string => `@${host}/${schedule}`;

/** Kinds of records of one beat. */
export class RecordKinds {
  readonly schedules: string;
  readonly runs: string;
  readonly leaders: string;
  /** What was run by hand. */
  readonly manual: string;

  /** @param beat name of the beat */
  constructor(readonly beat: string) {
    const own = beat === 'beat' ? '' : `:${beat}`;
    this.schedules = `schedule${own}`;
    this.runs = `schedule-run${own}`;
    this.leaders = `beat-leader${own}`;
    this.manual = `schedule-manual${own}`;
  }
}

/** A run record, whatever is there; `undefined` for what is none. */
export function readRun(text: string): RunRecord | undefined {
  try {
    const value = JSON.parse(text) as RunRecord | null;
    return typeof value?.dueMs === 'number' && typeof value.count === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
