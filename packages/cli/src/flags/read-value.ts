import { type Duration, durationMs } from '@lovage/core';

/** Text that is not empty. */
export function someText(value: string): string {
  if (value === '') throw new Error('expected text that is not empty');
  return value;
}

/** A whole number. @param least the smallest that can be */
export const integer =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new Error(`expected a whole number from ${least}`);
  };

/** Names with commas. */
export function names(text: string): readonly string[] {
  const found = text.split(',').map((name) => name.trim());
  if (found.every((name) => name !== '')) return found;
  throw new Error('expected names with commas between them, such as celery,hipri');
}

/** Seconds, or text such as `10m`. */
export function duration(text: string): Duration {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (text as Duration);
  try {
    durationMs(value, 'duration');
  } catch {
    throw new Error('expected a number of seconds, or text such as 10m');
  }
  return value;
}

export const oneOf =
  <T extends string>(values: Readonly<Record<string, T>>) =>
  (text: string): T => {
    const value = Object.hasOwn(values, text.toLowerCase()) ? values[text.toLowerCase()] : undefined;
    if (value !== undefined) return value;
    throw new Error(`expected one of ${Object.keys(values).join(', ')}`);
  };

/** Celery's order: the larger number first. */
export function autoscale(text: string): { readonly min: number; readonly max: number } {
  const [, max, min] = /^(\d+),(\d+)$/.exec(text) ?? [];
  if (max !== undefined && min !== undefined && Number(max) >= Number(min) && Number(min) >= 1) {
    return { min: Number(min), max: Number(max) };
  }
  throw new Error('expected max,min, two whole numbers from 1 with the larger first, such as 10,3');
}

/** Kilobytes, as with Celery, or text such as `200MB`. */
export function memory(text: string): number | `${number}${'KB' | 'MB' | 'GB'}` {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  if (/^\d+(\.\d+)?(KB|MB|GB)$/.test(text)) return text as `${number}MB`;
  throw new Error('expected a number of kilobytes, or text such as 200MB');
}

export function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value;
  throw new Error('expected a port from 0 to 65535');
}
