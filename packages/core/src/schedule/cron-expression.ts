import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import {
  dayOfMonthField,
  dayOfWeekField,
  hourField,
  minuteField,
  monthField,
  readCronField,
  secondField,
} from './cron-field.js';
import type { CronFields } from './cron-fields.js';
import type { CronSpec } from './schedule-spec.js';

const nicknames: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * A line of cron: minute, hour, day of month, month, day of week; with six fields, the first is seconds, as in
 * `CronExpression` of `@nestjs/schedule`. Also `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
 *
 * Where both fields of days are restricted, a day that matches **one** of them counts, as cron has it (and `crontab` has not).
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function cron(expression: string, options: { readonly timezone?: string } = {}): CronSpec {
  const { timezone } = options;
  const spec: CronSpec = { kind: 'cron', expression, ...(timezone === undefined ? {} : { timezone }) };
  readCron(spec);
  return spec;
}

/** @throws LOVAGE_SCHEDULE_INVALID */
export function readCron({ expression }: CronSpec): CronFields {
  const line = nicknames.get(expression.trim().toLowerCase()) ?? expression.trim();
  const texts = line.split(/\s+/);
  if (texts.length !== 5 && texts.length !== 6) {
    throw SCHEDULE_INVALID.create({
      what: 'cron',
      problem:
        'expected five fields (minute hour day-of-month month day-of-week), six with seconds first, or a word such as @daily',
      got: JSON.stringify(expression.slice(0, 80)),
    });
  }
  const [second = '0', minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '*'] =
    texts.length === 6 ? texts : ['0', ...texts];
  const daysOfMonth = readCronField(dayOfMonth, dayOfMonthField, true);
  const daysOfWeek = readCronField(dayOfWeek, dayOfWeekField, true);
  const fields: CronFields = {
    seconds: readCronField(second, secondField, true),
    minutes: readCronField(minute, minuteField, true),
    hours: readCronField(hour, hourField, true),
    daysOfMonth: new Set(daysOfMonth),
    months: new Set(readCronField(month, monthField, true)),
    daysOfWeek: new Set(daysOfWeek),
    days: daysOfMonth.length < 31 && daysOfWeek.length < 7 ? 'either' : 'both',
  };
  refuseImpossible(fields, `cron "${expression}"`);
  return fields;
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 30 February never comes. */
export function refuseImpossible({ months, daysOfMonth, days }: CronFields, what: string): void {
  const first = Math.min(...daysOfMonth);
  const possible = [...months].some((month) => first <= (longestMonths[month - 1] as number));
  if (possible || days === 'either') return;
  throw SCHEDULE_INVALID.create({
    what,
    problem: 'no month has such a day',
    got: `days ${[...daysOfMonth].join(', ')} of months ${[...months].join(', ')}`,
  });
}
