import type { DecodeContext, EncodeContext } from './codec-context.js';
import type { SerializerName } from './codec-names.js';

/** Turns values into bytes and back. */
export interface Serializer {
  readonly name: SerializerName;
  /** Exact media type, as it stands in messages. */
  readonly contentType: string;
  readonly contentEncoding: 'utf-8' | 'binary';
  /**
   * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
   */
  serialize(value: unknown, context: EncodeContext): Buffer;
  /**
   * The size must have been checked before; the nesting is bounded here, before parsing.
   *
   * @throws LOVAGE_BODY_UNDECODABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_HOSTILE_KEY
   */
  deserialize(bytes: Buffer, context: DecodeContext): unknown;
}
