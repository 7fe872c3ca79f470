import type { Clock } from '../clock/clock.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { FollowParts } from './follow-ups/following.js';
import type { MessageLimits } from '../message/message-limits.js';
import type { WorkerParts } from './worker-parts.js';

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

export function conclusionPartsOf(worker: WorkerParts): ConclusionParts {
  const { stores, registry, router, serializer, compression, limits, origin, resultTtlMs } = worker;
  const { clock, results } = stores;
  const common = { clock, serializer, compression, limits, resultTtlMs, keepResults: results !== undefined };
  const isShared = results?.capabilities.shared;
  return {
    ...common,
    follow: {
      ...common,
      registry,
      router,
      origin,
      replyTo: results?.replyTo,
      tracksSent: worker.trackSent && isShared === true,
    },
    hostname: worker.settings.hostname,
    sharedResults: isShared !== false,
  };
}
