import { median, type Measured } from '../measure/rounds.js';
import type { Timed } from './agent/timed.js';
import type { Entrant, EntrantKind } from './cast.js';

export type TimedRounds = ReadonlyMap<Entrant, readonly Timed[]>;

/** Rows of a table of rates, with the CPU time of one task. */
export function ratesOf(rounds: TimedRounds): Measured[] {
  return [...rounds].map(([{ name }, all]) => {
    const rates = all.map(({ count, seconds }) => count / seconds);
    const each = (pick: (timed: Timed) => number): string =>
      (1e6 * median(all.map((timed) => pick(timed) / timed.count)) || 0).toFixed(1);
    return {
      name,
      perSecond: median(rates),
      slowest: Math.min(...rates),
      fastest: Math.max(...rates),
      details: {
        'CPU µs, process': each(({ cpuSeconds }) => cpuSeconds),
        'CPU µs, server': each(({ serverCpuSeconds }) => serverCpuSeconds),
      },
    };
  });
}

/** Median of the rounds of one kind, whatever is taken from a round; not a number when it was left out. */
export function medianOf<T>(
  rounds: ReadonlyMap<Entrant, readonly T[]>,
  kind: EntrantKind,
  pick: (round: T) => number,
): number {
  for (const [entrant, all] of rounds)
    if (entrant.kind === kind && all.length > 0) return median(all.map(pick));
  return Number.NaN;
}

/** Tasks a second. */
export const rateOf = (rounds: TimedRounds, kind: EntrantKind): number =>
  medianOf(rounds, kind, ({ count, seconds }) => count / seconds);
