import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';

/** One field of a crontab: what it is called, its bounds, and names for its values. */
export interface CronFieldKind {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** First three letters, in order from `least`. */
  readonly names?: readonly string[];
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export const secondField: CronFieldKind = { name: 'second', least: 0, most: 59 };
export const minuteField: CronFieldKind = { name: 'minute', least: 0, most: 59 };
export const hourField: CronFieldKind = { name: 'hour', least: 0, most: 23 };
export const dayOfMonthField: CronFieldKind = { name: 'dayOfMonth', least: 1, most: 31 };
export const monthField: CronFieldKind = { name: 'monthOfYear', least: 1, most: 12, names: months };
/** 7 is Sunday, too. */
export const dayOfWeekField: CronFieldKind = { name: 'dayOfWeek', least: 0, most: 6, names: weekdays };

/**
 * Reads a field: lists, ranges (which may wrap: `22-2`, `fri-mon`), steps, names. A step counts from the beginning of its
 * range, and of `*` from the least value: every second month is January, March, …
 *
 * @param opensRanges whether `5/10` is `5-59/10`, as lines of cron have it; Celery refuses it
 * @returns the values that match, in order
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function readCronField(text: string, kind: CronFieldKind, opensRanges = false): readonly number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    for (const value of readPart(part.trim(), kind, opensRanges)) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

function readPart(part: string, kind: CronFieldKind, opensRanges: boolean): readonly number[] {
  const parsed = /^(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
  if (parsed === null)
    throw invalid(kind, 'expected "*", a number, a name, a range or a step, in a list', part);
  const [, star, first, last, step] = parsed;
  if (star === '?' && !opensRanges) throw invalid(kind, '"?" is only for lines of cron; write "*"', part);
  const by = step === undefined ? 1 : Number(step);
  if (by === 0) throw invalid(kind, 'a step must be 1 or more', part);
  if (star !== undefined) return every(range(kind.least, kind.most, kind), by);
  const from = readValue(first as string, kind, part);
  if (last !== undefined) return every(range(from, readValue(last, kind, part), kind), by);
  if (step === undefined) return [wrapped(from, kind)];
  if (!opensRanges) throw invalid(kind, 'a step needs a range or "*" before it', part);
  return every(range(from, kind.most, kind), by);
}

function readValue(text: string, kind: CronFieldKind, part: string): number {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    // The one value that stands for another.
    const most = kind === dayOfWeekField ? 7 : kind.most;
    if (value >= kind.least && value <= most) return value;
    throw invalid(kind, `expected ${kind.least} to ${most}`, part);
  }
  const at = kind.names?.indexOf(text.slice(0, 3).toLowerCase()) ?? -1;
  if (at >= 0 && text.length >= 3) return kind.least + at;
  throw invalid(kind, kind.names === undefined ? 'expected a number' : 'expected a number or a name', part);
}

/** From one value to another; past the greatest it goes on with the least. */
function range(from: number, to: number, kind: CronFieldKind): readonly number[] {
  const size = kind.most - kind.least + 1;
  const last = to < from ? to + size : to;
  return Array.from({ length: last - from + 1 }, (_, index) => wrapped(from + index, kind));
}

function wrapped(value: number, { least, most }: CronFieldKind): number {
  return value > most ? value - (most - least + 1) : value;
}

const every = (values: readonly number[], by: number): readonly number[] =>
  values.filter((_, index) => index % by === 0);

const invalid = (kind: CronFieldKind, problem: string, part: string): Error =>
  SCHEDULE_INVALID.create({ what: `crontab ${kind.name}`, problem, got: JSON.stringify(part.slice(0, 80)) });
