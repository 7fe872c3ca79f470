import type { EncodeContext } from '../../../message/codec-context.js';
import type { Encoded } from '../../../message/encoded.js';
import type { MessageLimits } from '../../../message/message-limits.js';
import type { MessageProperties, WireHeaders, WireMessage } from '../../../message/wire-message.js';
import type { Delivery } from '../../../ports/consumer.js';
import { fromHopValue, type HopValue, toHopValue } from './hop-value.js';

/**
 * A delivery on its way to a child: the message as it came, which is bounded already, since it was decoded before. The child
 * decodes it again and so finds the same arguments, whatever their types.
 */
export interface HopDelivery {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: HopValue;
  readonly properties: MessageProperties;
  /** Text as it is, bytes in base64. */
  readonly body: string | { readonly base64: string };
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveries: number;
  readonly redelivered: boolean;
}

/**
 * Takes every message that was decoded, but for values that no wire carries.
 *
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP
 */
export function toHopDelivery(delivery: Delivery, limits: MessageLimits): HopDelivery {
  const { message, queue, exchange, routingKey, deliveries, redelivered } = delivery;
  const { contentType, contentEncoding, properties } = message;
  const context: EncodeContext = {
    // A decoder bounds each value: together they are one level more.
    limits: { ...limits, maxDepth: limits.maxDepth + 1 },
    jsonTypes: 'typed',
    where: 'headers',
    maxBytes: Number.MAX_SAFE_INTEGER,
    identity: {},
  };
  return {
    contentType,
    contentEncoding,
    headers: toHopValue(message.headers, context),
    properties,
    body: bodyOf(message),
    queue,
    exchange,
    routingKey,
    deliveries,
    redelivered,
  };
}

export function fromHopDelivery(hop: HopDelivery): Delivery {
  const { contentType, contentEncoding, headers, properties, body, ...place } = hop;
  const encoded: Encoded = typeof body === 'string' ? body : Buffer.from(body.base64, 'base64');
  return {
    ...place,
    message: {
      contentType,
      contentEncoding,
      headers: fromHopValue(headers) as WireHeaders,
      properties,
      body: encoded,
    },
  };
}

/** What could be decoded is well-formed text where it is text at all. */
function bodyOf({ body, headers, contentType }: WireMessage): HopDelivery['body'] {
  if (typeof body === 'string') return body;
  const isText = textTypes.has(contentType) && (headers['compression'] ?? undefined) === undefined;
  return isText ? body.toString('utf8') : { base64: body.toString('base64') };
}

const textTypes: ReadonlySet<string> = new Set(['application/json', 'application/x-yaml']);
