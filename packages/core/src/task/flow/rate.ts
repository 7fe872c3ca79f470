import type { Rate } from './flow-options.js';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a rate may be, for messages. */
export const rateForm =
  'a number of tasks a second (0 or more) or text such as "10/s", "10/m", "0.5/h", "100/d"';

/**
 * Reads a rate as Celery does.
 *
 * @returns milliseconds from one task to the next, 0 where there is no limit; `undefined`: it is no rate
 */
export function rateIntervalMs(rate: Rate): number | undefined {
  const match = typeof rate === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(?:\/\s*([smhd]))?\s*$/.exec(rate) : null;
  const count = typeof rate === 'number' ? rate : match === null ? Number.NaN : Number(match[1]);
  if (!Number.isFinite(count) || count < 0) return undefined;
  const perMs = unitMs[match?.[2] ?? 's'] ?? 1000;
  return count === 0 ? 0 : perMs / count;
}
