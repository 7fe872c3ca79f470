import type { Duration } from '../clock/duration.js';
import type { Attempt } from './attempt.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { Replace, Retry } from './outcome-signals.js';

/** What `retry` takes. */
export interface RetryOptions {
  /** Why; kept in the state RETRY, and thrown when no retry is left. */
  readonly error?: unknown;
  /** Time to the next attempt. Default: what the task's backoff or `defaultRetryDelay` says, or the error asks for. */
  readonly countdown?: Duration | undefined;
  /** Time of the next attempt; wins over `countdown`. */
  readonly eta?: Date | undefined;
  /** Overrides the task's `maxRetries`; `null`: without end. */
  readonly maxRetries?: number | null | undefined;
  /** Arguments of the next attempt. Default: the same as of this one. */
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** A span of time from now, or a date. Default: what the message has. */
  readonly expires?: Duration | Date | undefined;
  readonly priority?: number | undefined;
}

/** The run that goes on: Celery's `self` and `self.request` of a bound task. */
export interface TaskContext {
  /** Task id. */
  readonly id: string;
  /** Task name. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Retries before this run. */
  readonly retries: number;
  /** The runs before this one that ended with a retry; of many the first and the last ones. */
  readonly attempts: readonly Attempt[];
  /** How often the message was delivered, this time included. */
  readonly deliveries: number;
  /** It was delivered before, so its work may have been done in part. */
  readonly redelivered: boolean;
  readonly queue: string;
  /** Id of the first task of the workflow. */
  readonly rootId: string;
  /** Id of the task that sent this one. */
  readonly parentId: string | undefined;
  readonly group: string | undefined;
  readonly eta: Date | undefined;
  readonly expires: Date | undefined;
  /** Headers of the sender's own; not Celery's, and none of Lovage's (`lovage_…`). */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Name of the worker that runs it. */
  readonly hostname: string;
  /**
   * Aborted when the run should end: it was terminated, a time limit has passed, or the worker stops and its deadline has
   * passed. The reason is a coded error: LOVAGE_TASK_TERMINATED, LOVAGE_SOFT_TIME_LIMIT, LOVAGE_TIME_LIMIT,
   * LOVAGE_WORKER_STOPPING, LOVAGE_DELIVERY_LOST.
   */
  readonly signal: AbortSignal;

  /**
   * Writes a state of your own, such as `PROGRESS`, with data that the caller sees. Resolves when it is stored; calls of
   * one turn travel together, and a later one replaces an earlier one that has not left yet.
   *
   * @throws LOVAGE_STATE_RESERVED for a state that the worker sets
   */
  updateState(state: string, meta?: unknown): Promise<void>;

  /**
   * Makes the signal that ends this run and sends the task again: `throw task.retry({ error })`.
   *
   * @returns the signal to throw; when no retry is left, throws `error` instead (or LOVAGE_MAX_RETRIES_EXCEEDED)
   */
  retry(options?: RetryOptions): Retry;

  /**
   * Makes the signal that ends this run and lets a signature go on in its place, under the same id: `throw task.replace(chain(...))`.
   * Whoever waits for this task gets what the signature gives; what was to follow follows it. One that ends with a group gives the
   * array of its values.
   *
   * @returns the signal to throw
   * @throws LOVAGE_SIGNATURE_INVALID for an empty chain, and for a signature that is a part of a chord of its own
   */
  replace(signature: { toJSON(): SignatureJson }): Replace;

  /**
   * Adds a signature to the header of the chord that this task is a member of (Celery: `add_to_chord`): the body waits for it, and gets
   * its value too, beside the value of this task. It begins together with the end of this task, when that succeeds: a run that fails, or is
   * tried again, has added nothing.
   *
   * @returns the id under which its value will be found
   * @throws LOVAGE_NOT_IN_CHORD, and LOVAGE_SIGNATURE_INVALID as for `replace`
   */
  addToChord(signature: { toJSON(): SignatureJson }): string;
}
