import type { Duration } from '../clock/duration.js';
import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import { cron } from './cron-expression.js';
import { every } from './every.js';
import { once } from './once.js';
import type { CrontabSpec, ScheduleSpec } from './schedule-spec.js';
import { shownValue } from './shown-value.js';

/**
 * What can be given as a schedule: what `every`, `crontab`, `cron`, `solar`, `once`, `customSchedule` make; a number of seconds or a
 * duration such as `10m`; a line of cron such as `0 8 * * *` or a `CronExpression`; a `Date` for once.
 */
export type ScheduleInput = ScheduleSpec | Duration | Date | (string & {});

const durationText = /^\d+(\.\d+)?(ms|[smhdw])$/;

/**
 * The data of a schedule, whatever form it was given in. Kinds are checked; what they hold is checked when the schedule is
 * opened.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function scheduleSpec(input: ScheduleInput): ScheduleSpec {
  if (typeof input === 'number') return every(input);
  if (typeof input === 'string') return durationText.test(input) ? every(input as Duration) : cron(input);
  if (input instanceof Date) return once(input);
  if (isSpec(input)) return input;
  throw SCHEDULE_INVALID.create({
    what: 'schedule',
    problem:
      'expected every(), crontab(), cron(), solar(), once(), customSchedule(), seconds, a duration such as "10m", a line of cron, or a date',
    got: shownValue(input),
  });
}

/** Which fields each kind has; a record may come from anybody. */
const shapes: Readonly<Record<ScheduleSpec['kind'], Readonly<Record<string, 'number' | 'string'>>>> = {
  every: { seconds: 'number' },
  crontab: {
    minute: 'string',
    hour: 'string',
    dayOfWeek: 'string',
    dayOfMonth: 'string',
    monthOfYear: 'string',
  } satisfies Record<keyof Omit<CrontabSpec, 'kind' | 'timezone'>, 'string'>,
  cron: { expression: 'string' },
  solar: { event: 'string', latitude: 'number', longitude: 'number' },
  once: { at: 'string' },
  custom: { type: 'string' },
};

function isSpec(value: unknown): value is ScheduleSpec {
  if (typeof value !== 'object' || value === null) return false;
  const bag = value as Readonly<Record<string, unknown>>;
  const { kind, timezone } = bag;
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return false;
  if (timezone !== undefined && typeof timezone !== 'string') return false;
  const shape = shapes[kind as ScheduleSpec['kind']];
  return Object.entries(shape).every(([name, type]) => typeof bag[name] === type);
}
