import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import {
  type CronFieldKind,
  dayOfMonthField,
  dayOfWeekField,
  hourField,
  minuteField,
  monthField,
  readCronField,
} from './cron-field.js';
import type { CronFields } from './cron-fields.js';
import { refuseImpossible } from './cron-expression.js';
import type { CrontabSpec } from './schedule-spec.js';
import { shownValue } from './shown-value.js';

/** A field of a crontab: a number, numbers, or text such as `*`, `7`, `1,15`, `8-17`, `*\/15`, `0-30/10`, `mon-fri`. */
export type CrontabField = number | string | Iterable<number>;

/** Celery's crontab, by its fields; each is `*` where it is not given. */
export interface CrontabOptions {
  /** 0 to 59. */
  readonly minute?: CrontabField | undefined;
  /** 0 to 23. */
  readonly hour?: CrontabField | undefined;
  /** 0 (Sunday) to 6, or names: `sun`, `mon`, … 7 is Sunday, too. */
  readonly dayOfWeek?: CrontabField | undefined;
  /** 1 to 31. */
  readonly dayOfMonth?: CrontabField | undefined;
  /** 1 to 12, or names: `jan`, `feb`, … */
  readonly monthOfYear?: CrontabField | undefined;
  /** IANA name. Default: the option `timezone` of the app. */
  readonly timezone?: string | undefined;
}

/**
 * A schedule by the clock on the wall, as Celery's `crontab`: due in each minute in which **all** fields match.
 *
 * ```ts
 * crontab({ minute: 0, hour: '8-17', dayOfWeek: 'mon-fri' });
 * crontab({ minute: '*\/15' });
 * crontab({ minute: 0, hour: 0, dayOfMonth: [1, 15], timezone: 'Asia/Shanghai' });
 * ```
 *
 * Days must match both `dayOfWeek` and `dayOfMonth`, unlike in a line of cron (see `cron`). Where clocks are set forward,
 * times that do not exist run once, at the change. Where they are set back, a time that comes twice runs the first time only.
 * A schedule that runs in every hour goes on evenly through both.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function crontab(options: CrontabOptions = {}): CrontabSpec {
  const { timezone } = options;
  const spec: CrontabSpec = {
    kind: 'crontab',
    minute: fieldText(options.minute, minuteField),
    hour: fieldText(options.hour, hourField),
    dayOfWeek: fieldText(options.dayOfWeek, dayOfWeekField),
    dayOfMonth: fieldText(options.dayOfMonth, dayOfMonthField),
    monthOfYear: fieldText(options.monthOfYear, monthField),
    ...(timezone === undefined ? {} : { timezone }),
  };
  readCrontab(spec);
  return spec;
}

/** @throws LOVAGE_SCHEDULE_INVALID */
export function readCrontab(spec: CrontabSpec): CronFields {
  const fields: CronFields = {
    seconds: [0],
    minutes: readCronField(spec.minute, minuteField),
    hours: readCronField(spec.hour, hourField),
    daysOfWeek: new Set(readCronField(spec.dayOfWeek, dayOfWeekField)),
    daysOfMonth: new Set(readCronField(spec.dayOfMonth, dayOfMonthField)),
    months: new Set(readCronField(spec.monthOfYear, monthField)),
    days: 'both',
  };
  refuseImpossible(fields, `crontab dayOfMonth "${spec.dayOfMonth}", monthOfYear "${spec.monthOfYear}"`);
  return fields;
}

function fieldText(value: CrontabField | undefined, kind: CronFieldKind): string {
  if (value === undefined) return '*';
  if (typeof value === 'string') return value;
  const values = typeof value === 'number' ? [value] : isIterable(value) ? [...value] : [];
  if (values.length > 0 && values.every((one) => Number.isInteger(one) && one >= 0)) return values.join(',');
  throw SCHEDULE_INVALID.create({
    what: `crontab ${kind.name}`,
    problem: 'expected a number, numbers, or text',
    got: shownValue(value),
  });
}

const isIterable = (value: unknown): value is Iterable<number> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;
