import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';

/** What a client is told of the app's options. */
export interface ClientSettings {
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly limits: MessageLimits;
  readonly acceptContent: ReadonlySet<string>;
  readonly defaultQueue: string;
  readonly createMissingQueues: boolean;
  readonly trackSent: boolean;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
  readonly revokeTtlMs: number;
  readonly publishTimeoutMs: number;
  /** Publisher as other programs see it, such as `gen4711@host`. */
  readonly origin: string;
}
