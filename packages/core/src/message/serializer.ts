import type { DecodeContext, EncodeContext } from './codec-context.js';
import type { SerializerName } from './codec-names.js';
import type { Encoded } from './encoded.js';

/** Turns values into bytes or text and back. */
export interface Serializer {
  readonly name: SerializerName;
  /** Exact media type, as it stands in messages. */
  readonly contentType: string;
  readonly contentEncoding: 'utf-8' | 'binary';
  /**
   * Text formats give text.
   *
   * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
   */
  serialize(value: unknown, context: EncodeContext): Encoded;
  /**
   * The size must have been checked before; the nesting is bounded here, before parsing.
   *
   * @throws LOVAGE_BODY_UNDECODABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_HOSTILE_KEY
   */
  deserialize(encoded: Encoded, context: DecodeContext): unknown;
}
