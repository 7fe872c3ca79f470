import type { AttemptRecord } from './result-record.js';

/** Attempts that are kept: the first, from which time budgets count, and the last ones. */
export const mostAttempts = 10;
const longestError = 200;

/** Reads a history that came over the wire; what is no attempt is left out. */
export function readAttempts(value: unknown): readonly AttemptRecord[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostAttempts).flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const { retries, startedMs, endedMs, worker, deliveries, error } = item as Record<string, unknown>;
    if (!isCount(retries) || !isTime(startedMs) || !isTime(endedMs) || typeof worker !== 'string') return [];
    const known = { retries, startedMs, endedMs, worker, deliveries: isCount(deliveries) ? deliveries : 1 };
    return [typeof error === 'string' ? { ...known, error: error.slice(0, longestError) } : known];
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
