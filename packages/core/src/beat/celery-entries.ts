import { scheduleSpec, type ScheduleInput } from '../schedule/schedule-input.js';
import { every } from '../schedule/every.js';
import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import { shownValue } from '../schedule/shown-value.js';
import type { PeriodicEntry, PeriodicOptions, PeriodicSendOptions } from './periodic-entry.js';

/** An entry of `beatSchedule`, as Celery's `beat_schedule` has it. */
export interface CeleryEntry extends PeriodicOptions {
  readonly task: string;
  readonly schedule: ScheduleInput;
  /** Options of the call, such as `queue` and `expires`; with Celery's names or ours. */
  readonly options?: (PeriodicSendOptions & CeleryOptions) | undefined;
  /** Of an interval: rounds its beginning down to its unit. */
  readonly relative?: boolean | undefined;
}

/** Celery's names of options that are called otherwise here. */
interface CeleryOptions {
  readonly routing_key?: string | undefined;
  readonly ignore_result?: boolean | undefined;
}

/** Celery's `beat_schedule`: entries by name. */
export type BeatSchedule = Readonly<Record<string, CeleryEntry>>;

/**
 * Entries in our form.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function celeryEntry(name: string, entry: CeleryEntry): PeriodicEntry {
  if (typeof entry !== 'object' || entry === null) {
    throw SCHEDULE_INVALID.create({
      what: `beatSchedule["${name}"]`,
      problem: 'expected an object { task, schedule, … }',
      got: shownValue(entry),
    });
  }
  const { options = {}, relative, schedule, ...rest } = entry;
  const { routing_key: routingKey, ignore_result: ignoreResult, ...others } = options;
  return {
    ...rest,
    ...others,
    ...(routingKey === undefined ? {} : { routingKey }),
    ...(ignoreResult === undefined ? {} : { ignoreResult }),
    schedule: relative === true ? rounded(schedule) : schedule,
  };
}

function rounded(schedule: ScheduleInput): ScheduleInput {
  const spec = scheduleSpec(schedule);
  return spec.kind === 'every' ? every(spec.seconds, { ...spec, relative: true, aligned: false }) : spec;
}
