import type { Clock } from '../clock/clock.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';
import type { Router } from '../routing/router.js';
import type { TaskRegistry } from '../task/task-registry.js';

/** What planned messages are made with, in a client and in a worker. */
export interface CallParts {
  readonly clock: Clock;
  readonly registry: TaskRegistry;
  readonly router: Router;
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly limits: MessageLimits;
  /** Publisher as other programs see it, such as `gen4711@host`. */
  readonly origin: string;
  /** Where results are heard, unless they are shared; goes with each message. */
  readonly replyTo?: string | undefined;
  /** Sent ids are kept, so that an unknown id can be told apart. */
  readonly tracksSent: boolean;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
}
