import { inspect } from 'node:util';
import { ServiceError } from './service-error.js';

export interface WaitForOptions {
  /** Give up after this many milliseconds. Make it generous: it is spent only when the test fails anyway. */
  readonly withinMs: number;
  /** The condition in words, for the error: "the page answers". */
  readonly what: string;
  /** Pause between two probes in milliseconds. Default 10. */
  readonly everyMs?: number;
}

const passed = Symbol('passed');

/**
 * Waits until `probe` gives something other than `undefined`, `null` or `false`, and returns that. A probe that throws
 * counts as "not yet". For conditions of which nobody can tell us; where there is an event to wait for, wait for that.
 *
 * @throws ServiceError WAITED_IN_VAIN that names the condition and what the last probe gave or threw
 */
export async function waitFor<T>(
  probe: () => T | Promise<T>,
  { withinMs, what, everyMs = 10 }: WaitForOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const from = performance.now();
  let probes = 0;
  let lastValue: unknown;
  let lastError: unknown;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<typeof passed>((resolve) => {
    timer = setTimeout(resolve, withinMs, passed);
  });
  try {
    for (;;) {
      probes += 1;
      const outcome = await Promise.race([attempt(probe), deadline]);
      if (outcome === passed) break;
      if ('error' in outcome) {
        lastError = outcome.error;
      } else {
        if (isThere(outcome.value)) return outcome.value;
        lastError = undefined;
        lastValue = outcome.value;
      }
      if ((await Promise.race([pause(everyMs), deadline])) === passed) break;
    }
  } finally {
    clearTimeout(timer);
  }
  const last = lastError === undefined ? `gave ${inspect(lastValue)}` : `threw ${inspect(lastError)}`;
  throw new ServiceError(
    'WAITED_IN_VAIN',
    `waited ${Math.round(performance.now() - from)} ms for: ${what}. ${probes} probes, the last one ${last}`,
    { cause: lastError },
  );
}

async function attempt<T>(probe: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await probe() };
  } catch (error) {
    return { error };
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
