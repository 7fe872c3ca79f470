import type { Duration } from '../clock/duration.js';

/**
 * Which errors are meant: a class (and what extends it), the name of a class or the `code` of an error as text, or a function
 * that looks at the error.
 */
export type ErrorMatch = (abstract new (...args: never[]) => Error) | string | ((error: unknown) => boolean);

/** A failure for which a delay is asked. */
export interface FailedAttempt {
  readonly error: unknown;
  /** Retries before this run. */
  readonly retries: number;
  readonly taskName: string;
  readonly taskId: string;
}

/** Time to the next attempt, or its time; a function gives `undefined` where it does not know. */
export type RetryDelay = Duration | Date | ((failed: FailedAttempt) => Duration | Date | undefined);

/** How errors of one kind are retried, where they differ from the others of the task. */
export interface RetryRule {
  readonly error: ErrorMatch;
  /** Wins over the task's backoff. */
  readonly delay?: RetryDelay | undefined;
  /** Wins over the task's `maxRetries`; `null`: without end. */
  readonly maxRetries?: number | null | undefined;
}

/** When a task is run again after a failure. */
export interface RetryPolicy {
  /** Times that a task is retried, by itself or by `retry`; `null`: without end. Default 3. */
  readonly maxRetries?: number | null | undefined;
  /** Time to the next attempt where nothing else says one. Default 180 (seconds), as in Celery. */
  readonly defaultRetryDelay?: Duration | undefined;
  /**
   * Errors after which the task is retried by itself; `true`: all. Never retried: wrong arguments, `UnrecoverableError`, and
   * what ends a run that was terminated. Default: none.
   */
  readonly autoretryFor?: true | readonly (ErrorMatch | RetryRule)[] | undefined;
  /** Errors that `autoretryFor` does not mean after all. */
  readonly dontRetryFor?: readonly ErrorMatch[] | undefined;
  /**
   * The delay grows with each retry: this long, then twice, four times, … (`true`: from 1 second), or what a function says.
   * Default false: always `defaultRetryDelay`.
   */
  readonly retryBackoff?: boolean | Duration | Exclude<RetryDelay, Duration | Date> | undefined;
  /** Ceiling of the backoff. Default 600 (seconds), as in Celery. */
  readonly retryBackoffMax?: Duration | undefined;
  /** The delay is a random part of what the backoff says, so that what failed together does not come back together. Default true. */
  readonly retryJitter?: boolean | undefined;
  /** No attempt begins later than this after the first one began. Default: no such limit. */
  readonly retryFor?: Duration | undefined;
  /**
   * An error that says when to come back is believed, up to one day: `retryAfter` (seconds, date or text) on the error, or the
   * header `Retry-After` of its `response`. Default true.
   */
  readonly retryAfter?: boolean | undefined;
}
