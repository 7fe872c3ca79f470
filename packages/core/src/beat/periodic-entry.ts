import type { Duration } from '../clock/duration.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { ScheduleInput } from '../schedule/schedule-input.js';

/** What becomes of ticks that were due while no beat ran, or the leader was away. */
export type MissedTicks =
  /** None of them is sent. */
  | 'skip'
  /** The latest is sent, as Celery does. */
  | 'last'
  /** All are sent that were due within so long a time; 1,000 at most. */
  | { readonly all: Duration };

/** What becomes of a tick while the task of the last one has not ended. */
export type Overlap =
  /** It is sent all the same, as Celery does. */
  | 'allow'
  /** It is not sent. */
  | 'skip'
  /** One is sent when the last has ended, however many were due meanwhile. */
  | 'queue';

/** How the message of a tick travels; as the options of a call. */
export interface PeriodicSendOptions {
  readonly queue?: string | undefined;
  readonly exchange?: string | undefined;
  readonly routingKey?: string | undefined;
  readonly priority?: number | undefined;
  readonly serializer?: SerializerName | undefined;
  readonly compression?: CompressionName | undefined;
  /** Not started when it is older than this. */
  readonly expires?: Duration | undefined;
  readonly ignoreResult?: boolean | undefined;
  /** Plain JSON values. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Name to show in place of the task's. */
  readonly shadow?: string | undefined;
}

/** All of a periodic task besides its schedule. */
export interface PeriodicOptions extends PeriodicSendOptions {
  /** Plain JSON values. */
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Default `last`. */
  readonly missed?: MissedTicks | undefined;
  /** Default `allow`. `skip` and `queue` need results, and a task that keeps them. */
  readonly overlap?: Overlap | undefined;
  /** Each tick is sent up to this much later, by chance. Default 0. */
  readonly jitter?: Duration | undefined;
  /**
   * Runs on every host that has a beat: each sends to the queue of its host. `true`: the queue `%h`; text: its name, with
   * `%h`, `%n` or `%d` as in `queues`. Default false: once for all.
   */
  readonly perHost?: boolean | string | undefined;
  /** Declared, and not running until somebody resumes it. Default false. */
  readonly paused?: boolean | undefined;
}

/** A periodic task: what is due, and when. */
export interface PeriodicEntry extends PeriodicOptions {
  /** Name of the task, whatever language runs it. */
  readonly task: string;
  readonly schedule: ScheduleInput;
}
