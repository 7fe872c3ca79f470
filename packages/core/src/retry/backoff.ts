export interface BackoffOptions {
  /** Delay before the first retry: milliseconds. */
  readonly initialMs: number;
  readonly maxMs: number;
  /** Take a random part of it, evenly from 0. */
  readonly jitter: boolean;
}

/** Beyond it a double is infinite, and zero times that is no number. */
const mostDoublings = 1000;

/**
 * Delay before the next attempt: doubled with each retry, up to a ceiling. Celery's formula.
 *
 * @param retries retries before the run that failed, from 0
 * @param random gives numbers from 0 to below 1
 * @returns whole milliseconds
 */
export function backoffMs(retries: number, options: BackoffOptions, random: () => number): number {
  const { initialMs, maxMs, jitter } = options;
  const full = Math.min(maxMs, initialMs * 2 ** Math.min(retries, mostDoublings));
  return Math.floor(jitter ? random() * (full + 1) : full);
}
