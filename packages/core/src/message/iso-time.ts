const secondMs = 1000;
const minYear = 1;
const maxYear = 9999;

// Many times of one moment are written and read together, so the part up to the second is kept.
let writtenSecond = Number.NaN;
let writtenPrefix = '';
let readSecond = Number.NaN;
let readPrefix = '?';

const utcOffset = '+00:00';
const fullLength = '2030-01-02T03:04:05.678901+00:00'.length;
const fractionAt = '2030-01-02T03:04:05.'.length;

/**
 * Writes a time as every Celery reads it: `2030-01-02T03:04:05.678000+00:00`, always UTC, with six fraction digits and
 * a colon in the offset (Celery 5.2 reads `.678` as 678 microseconds and ignores `+0000`).
 *
 * @returns `undefined` for an invalid date, and for years that Python can not hold (outside 1 to 9999)
 */
export function formatIsoTime(time: Date): string | undefined {
  const ms = time.getTime();
  const second = Math.floor(ms / secondMs);
  if (second !== writtenSecond) {
    if (Number.isNaN(ms)) return undefined;
    const year = time.getUTCFullYear();
    if (year < minYear || year > maxYear) return undefined;
    writtenPrefix = time.toISOString().slice(0, 20);
    writtenSecond = second;
  }
  const fraction = ms - second * secondMs;
  const zeros = fraction > 99 ? '' : fraction > 9 ? '0' : '00';
  return `${writtenPrefix}${zeros}${fraction}000+00:00`;
}

/**
 * Reads the times that Celery and its other clients write: a date with or without a time, `T` or a space between them,
 * seconds and a fraction of any length (cut to milliseconds), and an offset (`Z`, `+05:30`, `+0530`, `+05`).
 *
 * @param naiveIsLocal a time without offset is in this machine's zone; default: it is UTC, as Celery reads it
 * @returns `undefined` when `text` is no such time
 */
export function parseIsoTime(text: string, naiveIsLocal = false): Date | undefined {
  if (text.length !== fullLength || !text.endsWith(utcOffset)) return parseAny(text, naiveIsLocal);
  const micros = text.startsWith(readPrefix) ? digits(text, fractionAt, 6) : Number.NaN;
  if (!Number.isNaN(micros)) return new Date(readSecond + Math.trunc(micros / 1000));
  const time = parseAny(text, false);
  if (time !== undefined && text.charCodeAt(fractionAt - 1) === DOT) {
    readPrefix = text.slice(0, fractionAt);
    readSecond = Math.floor(time.getTime() / secondMs) * secondMs;
  }
  return time;
}

function parseAny(text: string, naiveIsLocal: boolean): Date | undefined {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (!(year >= minYear && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return undefined;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return undefined;
  if (text.length === 10) return at(year, month, day, 0, 0, 0, 0, naiveIsLocal ? undefined : 0);

  const separator = text.charCodeAt(10);
  if (separator !== UPPER_T && separator !== SPACE && separator !== LOWER_T) return undefined;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (!(hour <= 23 && minute <= 59) || text.charCodeAt(13) !== COLON) return undefined;

  let next = 16;
  let second = 0;
  let ms = 0;
  if (text.charCodeAt(next) === COLON) {
    second = digits(text, next + 1, 2);
    if (!(second <= 59)) return undefined;
    next += 3;
    const point = text.charCodeAt(next);
    if (point === DOT || point === COMMA) {
      const start = next + 1;
      let weight = 100;
      for (next = start; isDigit(text.charCodeAt(next)); next++) {
        // Digits beyond the milliseconds count nothing.
        ms += weight * (text.charCodeAt(next) - 48);
        weight = Math.trunc(weight / 10);
      }
      if (next === start) return undefined;
    }
  }
  if (next === text.length)
    return at(year, month, day, hour, minute, second, ms, naiveIsLocal ? undefined : 0);
  const offset = offsetMinutes(text, next);
  return offset === undefined ? undefined : at(year, month, day, hour, minute, second, ms, offset);
}

const DASH = 45;
const COLON = 58;
const DOT = 46;
const COMMA = 44;
const SPACE = 32;
const UPPER_T = 84;
const LOWER_T = 116;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** NaN, which fails every comparison, when one of the characters is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 48;
  }
  return value;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Minutes east of UTC. */
function offsetMinutes(text: string, from: number): number | undefined {
  const rest = text.slice(from);
  if (rest === 'Z' || rest === 'z') return 0;
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(rest);
  if (match === null) return undefined;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** @param offset minutes east of UTC; `undefined`: this machine's zone */
function at(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
  offset: number | undefined,
): Date {
  // Date.UTC and the constructor take years below 100 for 1900 and later.
  const shift = year < 100 ? 400 : 0;
  const time =
    offset === undefined
      ? new Date(year + shift, month - 1, day, hour, minute, second, ms)
      : new Date(Date.UTC(year + shift, month - 1, day, hour, minute, second, ms) - offset * 60_000);
  if (shift > 0) time.setUTCFullYear(time.getUTCFullYear() - shift);
  return time;
}
