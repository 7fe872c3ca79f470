import { type Duration, durationMs } from '../clock/duration.js';
import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import { openSchedule, type ScheduleSurroundings } from '../schedule/open-schedule.js';
import { scheduleSpec } from '../schedule/schedule-input.js';
import type { ScheduleSpec } from '../schedule/schedule-spec.js';
import { shownValue } from '../schedule/shown-value.js';
import { hostFormat } from '../routing/host-format.js';
import type { MissedTicks, PeriodicEntry, PeriodicSendOptions } from './periodic-entry.js';
import type { KeptMissed, ScheduleDefinition, ScheduleRecord } from './schedule-record.js';

const sendOptions: Readonly<Record<keyof PeriodicSendOptions, true>> = {
  queue: true,
  exchange: true,
  routingKey: true,
  priority: true,
  serializer: true,
  compression: true,
  expires: true,
  ignoreResult: true,
  headers: true,
  shadow: true,
};

const known: Readonly<Record<keyof PeriodicEntry, true>> = {
  ...sendOptions,
  task: true,
  schedule: true,
  args: true,
  kwargs: true,
  missed: true,
  overlap: true,
  jitter: true,
  perHost: true,
  paused: true,
};

const longestName = 200;

/**
 * The definition of an entry, checked.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function readEntry(
  name: string,
  entry: PeriodicEntry,
  surroundings: ScheduleSurroundings,
): ScheduleDefinition {
  const refuse = (option: string, problem: string, got: unknown): Error =>
    SCHEDULE_INVALID.create({ what: `${option} of schedule "${name}"`, problem, got: shownValue(got) });
  if (typeof name !== 'string' || name === '' || name.length > longestName || /^@|\0/.test(name))
    throw refuse('the name', `expected 1 to ${longestName} characters, not beginning with "@"`, name);
  if (typeof entry !== 'object' || entry === null)
    throw refuse('the entry', 'expected an object { task, schedule, … }', entry);
  for (const option of Object.keys(entry)) {
    if (!Object.hasOwn(known, option))
      throw refuse(
        `"${option}"`,
        `no such option (known: ${Object.keys(known).join(', ')})`,
        entry[option as 'task'],
      );
  }
  const { task, args = [], kwargs = {}, overlap = 'allow', jitter = 0, perHost = false } = entry;
  if (typeof task !== 'string' || task === '' || task.length > 255)
    throw refuse('"task"', 'expected the name of a task, 1 to 255 characters', task);
  if (!Array.isArray(args)) throw refuse('"args"', 'expected an array', args);
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs))
    throw refuse('"kwargs"', 'expected an object', kwargs);
  if (!['allow', 'skip', 'queue'].includes(overlap))
    throw refuse('"overlap"', 'expected allow, skip or queue', overlap);
  const schedule = scheduleSpec(entry.schedule);
  openSchedule(schedule, surroundings);
  const hostQueue = perHost === true ? '%h' : perHost === false ? undefined : perHost;
  if (hostQueue !== undefined && (typeof hostQueue !== 'string' || !hostFormat(hostQueue, 'host')))
    throw refuse('"perHost"', 'expected true, false, or the name of a queue with %h, %n or %d', perHost);
  if (hostQueue !== undefined && (entry.queue !== undefined || entry.exchange !== undefined))
    throw refuse('"perHost"', 'it names the queue, so "queue" and "exchange" must be absent', perHost);
  const options = Object.fromEntries(
    Object.keys(sendOptions).flatMap((option) => {
      const value: unknown = entry[option as keyof PeriodicSendOptions];
      return value === undefined ? [] : [[option, value]];
    }),
  ) as PeriodicSendOptions;
  if (options.expires !== undefined) durationMs(options.expires, 'expires');
  return plainJson({
    task,
    schedule,
    args,
    kwargs,
    options,
    missed: readMissed(entry.missed ?? 'last', refuse),
    overlap,
    jitterMs: durationMs(jitter, 'jitter'),
    ...(hostQueue === undefined ? {} : { hostQueue }),
  });
}

/** The ledger keeps JSON text: what does not survive it must be refused where it was written. */
function plainJson(definition: ScheduleDefinition): ScheduleDefinition {
  return JSON.parse(JSON.stringify(definition)) as ScheduleDefinition;
}

function readMissed(
  missed: MissedTicks,
  refuse: (option: string, problem: string, got: unknown) => Error,
): KeptMissed {
  if (missed === 'skip' || missed === 'last') return missed;
  const all: unknown = typeof missed === 'object' && missed !== null ? missed.all : undefined;
  if (all === undefined) throw refuse('"missed"', 'expected skip, last, or { all: <duration> }', missed);
  return { allMs: durationMs(all as Duration, 'missed.all') };
}

/** The entry that would make a definition: for those who show or change one. */
export function entryOf(definition: ScheduleDefinition): PeriodicEntry {
  const { task, schedule, args, kwargs, options, missed, overlap, jitterMs, hostQueue } = definition;
  return {
    task,
    schedule,
    args,
    kwargs,
    ...options,
    missed: typeof missed === 'object' ? { all: `${missed.allMs}ms` } : missed,
    overlap,
    jitter: `${jitterMs}ms`,
    ...(hostQueue === undefined ? {} : { perHost: hostQueue }),
  };
}

/** Fields that only the definition has, in one order, for comparing. */
export function definitionText(definition: ScheduleDefinition): string {
  const { task, schedule, args, kwargs, options, missed, overlap, jitterMs, hostQueue } = definition;
  return JSON.stringify([
    task,
    sorted(schedule),
    args,
    kwargs,
    sorted(options),
    missed,
    overlap,
    jitterMs,
    hostQueue,
  ]);
}

const sorted = (bag: object): unknown => Object.entries(bag).toSorted(([a], [b]) => (a < b ? -1 : 1));

/**
 * Reads the text of a record; the ledger is shared, so anything may be there.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function readRecord(name: string, text: string): ScheduleRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const record = value as Partial<ScheduleRecord> | undefined | null;
  if (
    typeof record === 'object' &&
    record !== null &&
    typeof record.task === 'string' &&
    Array.isArray(record.args) &&
    typeof record.kwargs === 'object' &&
    typeof record.options === 'object' &&
    typeof record.fromMs === 'number' &&
    typeof record.activeMs === 'number' &&
    typeof record.jitterMs === 'number'
  ) {
    return { ...(record as ScheduleRecord), schedule: scheduleSpec(record.schedule as ScheduleSpec) };
  }
  throw SCHEDULE_INVALID.create({
    what: `the record of schedule "${name}"`,
    problem: 'it can not be read; delete it, or add the schedule anew',
    got: shownValue(text),
  });
}
