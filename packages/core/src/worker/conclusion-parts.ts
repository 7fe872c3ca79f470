import type { Clock } from '../clock/clock.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { FollowParts } from './follow-ups/following.js';
import type { MessageLimits } from '../message/message-limits.js';

/** What the end of a run is written with. */
export interface ConclusionParts {
  readonly clock: Clock;
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly limits: MessageLimits;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
  readonly keepResults: boolean;
  /** What the messages that follow are made with. */
  readonly follow: FollowParts;
  /** Name of the worker. */
  readonly hostname: string;
  /** False: a result goes to whoever sent the task, and to nobody else. */
  readonly sharedResults: boolean;
}
