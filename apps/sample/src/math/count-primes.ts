import { setImmediate as otherWork } from 'node:timers/promises';

/** Numbers that are looked at before other work may go on: some milliseconds. */
const sliceSize = 20_000;

export interface CountPrimesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told between two slices: the numbers that have been looked at. */
  readonly onSlice?: ((done: number) => Promise<void>) | undefined;
}

/**
 * How many primes are smaller than a number, by trial division: it does nothing but compute. Between two slices other work goes on, so that
 * an event loop on which it runs is not held up.
 *
 * @throws the reason of `signal` when that is aborted
 */
export async function countPrimes(
  below: number,
  { signal, onSlice }: CountPrimesOptions = {},
): Promise<number> {
  let count = 0;
  for (let from = 2; from < below; from += sliceSize) {
    const to = Math.min(from + sliceSize, below);
    for (let number = from; number < to; number += 1) if (isPrime(number)) count += 1;
    await onSlice?.(to);
    await otherWork();
    signal?.throwIfAborted();
  }
  return count;
}

function isPrime(number: number): boolean {
  if (number % 2 === 0) return number === 2;
  for (let divisor = 3; divisor * divisor <= number; divisor += 2) if (number % divisor === 0) return false;
  return true;
}
