import type { Duration } from '../clock/duration.js';
import type { FlowOptions } from './flow/flow-options.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { RetryPolicy } from './retry-policy.js';

/** How messages of a task travel and what is kept of it; set at the task, in the configuration, or at the call. */
export interface SendOptions {
  /** Queue, by its name. Default: what `routes` say, else `defaultQueue`. */
  readonly queue?: string | undefined;
  /** Exchange; with `routingKey` it replaces `queue`. */
  readonly exchange?: string | undefined;
  readonly routingKey?: string | undefined;
  /** 0 to 9. Which end is first is the broker's: 9 on RabbitMQ and in memory, 0 on Redis (as in Celery). Default 0. */
  readonly priority?: number | undefined;
  /** Default `json`. */
  readonly serializer?: SerializerName | undefined;
  /** Default: none. */
  readonly compression?: CompressionName | undefined;
  /** Not started after this: a time span from the call, or a date. The task is then REVOKED. */
  readonly expires?: Duration | Date | undefined;
  /**
   * Longest time of one run: after it the run is ended (killed, where the worker's pool can) and the task fails. Travels with the
   * message. Default: what the worker says, else none.
   */
  readonly timeLimit?: Duration | undefined;
  /**
   * After this time of a run its signal is aborted with LOVAGE_SOFT_TIME_LIMIT, which the task may catch to clean up. Travels with
   * the message. Default: what the worker says, else none.
   */
  readonly softTimeLimit?: Duration | undefined;
  /** No state and no result is kept, so there is nothing to wait for. Default false. */
  readonly ignoreResult?: boolean | undefined;
  /** Headers of your own; plain JSON values. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of one call. */
export interface CallOptions extends SendOptions {
  /** Id of the task; default: a new UUID. Sending the same id twice runs it twice. */
  readonly taskId?: string | undefined;
  /**
   * Names what the call is about, such as `order-4711`: a second call with the same key sends nothing and gets the result of the first,
   * whatever its task and arguments are. At most 65,535 characters.
   */
  readonly idempotencyKey?: string | undefined;
  /** How long the key is remembered. Default 1 day. */
  readonly idempotencyTtl?: Duration | undefined;
  /** Start this long after the call. */
  readonly countdown?: Duration | undefined;
  /** Start at this time. */
  readonly eta?: Date | undefined;
  /**
   * Marks by name, such as `{ tenant: 'acme' }`, which also go with every message that follows in the workflow; all tasks with one of them
   * can be revoked together (`revokeByStampedHeaders`). Celery's stamps, since 5.3.
   */
  readonly stamps?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Name to show in logs and monitors in place of the task's. */
  readonly shadow?: string | undefined;
  /** Text of the arguments to show in monitors, to hide secrets. Default: made from the arguments as Python's repr. */
  readonly argsrepr?: string | undefined;
  readonly kwargsrepr?: string | undefined;
}

/** When the message of a task is acknowledged. */
export interface AcknowledgementOptions {
  /**
   * The message is acknowledged when the task has ended, so that a crash repeats it. False: before it begins, so that a crash
   * loses it and nothing runs twice. Default true, unlike Celery.
   */
  readonly acksLate?: boolean | undefined;
  /** The message of a task that failed, or ran into its limit, is acknowledged. False: it is parked. Default true. */
  readonly acksOnFailureOrTimeout?: boolean | undefined;
  /** A task whose process died is delivered again. False: it fails with LOVAGE_WORKER_LOST. Default true, unlike Celery. */
  readonly rejectOnWorkerLost?: boolean | undefined;
}

/** Options of a task. */
export interface TaskOptions extends SendOptions, RetryPolicy, AcknowledgementOptions, FlowOptions {
  /** Writes STARTED when a run begins. Default false, as in Celery. */
  readonly trackStarted?: boolean | undefined;
  /** Keeps errors of a task with `ignoreResult`. Default false. */
  readonly storeErrorsEvenIfIgnored?: boolean | undefined;
}
