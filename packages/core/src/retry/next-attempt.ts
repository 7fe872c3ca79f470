import { type Duration, durationMs } from '../clock/duration.js';
import { ARGUMENTS_INVALID } from '../errors/task-errors.js';
import type { ErrorMatch, FailedAttempt, RetryDelay, RetryPolicy, RetryRule } from '../task/retry-policy.js';
import { isUnrecoverable } from '../task/unrecoverable-error.js';
import { backoffMs } from './backoff.js';
import { matchesError } from './matches-error.js';
import { retryAfterMs } from './retry-after.js';

/** Celery's defaults. */
const defaultMaxRetries = 3;
const defaultRetryDelay: Duration = 180;
const defaultBackoffMax: Duration = 600;
const firstBackoffMs = 1000;

/** What a decision is made with. */
export interface RetrySituation extends FailedAttempt {
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** When the first attempt began: milliseconds since 1970 UTC. */
  readonly firstStartedMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** What `retry` was asked for. */
export interface AskedRetry {
  readonly countdown?: Duration | undefined;
  readonly eta?: Date | undefined;
  readonly maxRetries?: number | null | undefined;
}

/**
 * - `retry`: not before this time, milliseconds since 1970 UTC
 * - `exhausted`: no attempt or no time is left
 */
export type NextAttempt =
  | { readonly kind: 'retry'; readonly notBeforeMs: number }
  | { readonly kind: 'exhausted'; readonly by: 'maxRetries' | 'retryFor'; readonly maxRetries: number };

/** What becomes of a task that asks for a retry. */
export function askedAttempt(
  asked: AskedRetry,
  policy: RetryPolicy,
  situation: RetrySituation,
  rule?: RetryRule,
): NextAttempt {
  const maxRetries = firstGiven(asked.maxRetries, rule?.maxRetries, policy.maxRetries);
  if (maxRetries !== null && situation.retries >= maxRetries)
    return { kind: 'exhausted', by: 'maxRetries', maxRetries };
  const notBeforeMs =
    asked.eta?.getTime() ??
    situation.nowMs +
      (asked.countdown === undefined
        ? delayMs(policy, situation, rule?.delay)
        : durationMs(asked.countdown, 'countdown'));
  const endMs =
    policy.retryFor === undefined
      ? Infinity
      : situation.firstStartedMs + durationMs(policy.retryFor, 'retryFor');
  if (notBeforeMs > endMs)
    return { kind: 'exhausted', by: 'retryFor', maxRetries: maxRetries ?? situation.retries };
  return { kind: 'retry', notBeforeMs };
}

/**
 * What becomes of a task that has thrown an error.
 *
 * @returns `undefined`: its policy does not retry such an error
 */
export function automaticAttempt(policy: RetryPolicy, situation: RetrySituation): NextAttempt | undefined {
  const { autoretryFor, dontRetryFor } = policy;
  const { error } = situation;
  if (autoretryFor === undefined || isUnrecoverable(error) || ARGUMENTS_INVALID.is(error)) return undefined;
  if (dontRetryFor?.some((match) => matchesError(error, match)) === true) return undefined;
  if (autoretryFor === true) return askedAttempt({}, policy, situation);
  for (const entry of autoretryFor) {
    const rule = isRule(entry) ? entry : undefined;
    if (matchesError(error, rule?.error ?? (entry as ErrorMatch)))
      return askedAttempt({}, policy, situation, rule);
  }
  return undefined;
}

const isRule = (entry: ErrorMatch | RetryRule): entry is RetryRule => typeof entry === 'object';

/** What the error asks for, else what its rule says, else the backoff, else the default. */
function delayMs(policy: RetryPolicy, situation: RetrySituation, own: RetryDelay | undefined): number {
  const { retryBackoff = false } = policy;
  const asked = policy.retryAfter === false ? undefined : retryAfterMs(situation.error, situation.nowMs);
  const known =
    asked ??
    spanMs(own, situation) ??
    (typeof retryBackoff === 'function' ? spanMs(retryBackoff, situation) : undefined);
  if (known !== undefined) return known;
  if (retryBackoff === false || typeof retryBackoff === 'function')
    return durationMs(policy.defaultRetryDelay ?? defaultRetryDelay, 'defaultRetryDelay');
  return backoffMs(
    situation.retries,
    {
      initialMs: retryBackoff === true ? firstBackoffMs : durationMs(retryBackoff, 'retryBackoff'),
      maxMs: durationMs(policy.retryBackoffMax ?? defaultBackoffMax, 'retryBackoffMax'),
      jitter: policy.retryJitter ?? true,
    },
    situation.random,
  );
}

/** A function that throws, or gives no time, is as one that does not know: the error of the task must not be lost in it. */
function spanMs(delay: RetryDelay | undefined, situation: RetrySituation): number | undefined {
  try {
    const span = typeof delay === 'function' ? delay(situation) : delay;
    if (span === undefined) return undefined;
    if (!(span instanceof Date)) return durationMs(span, 'delay');
    const ms = span.getTime() - situation.nowMs;
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  } catch {
    return undefined;
  }
}

/** `null` is an answer here (without end), so `??` does not serve. */
function firstGiven(...limits: readonly (number | null | undefined)[]): number | null {
  for (const limit of limits) if (limit !== undefined) return limit;
  return defaultMaxRetries;
}
