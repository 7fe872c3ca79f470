import type { WireMessage } from '@lovage/core';

/** RabbitMQ has sent the first of them to the queues named there, and would do so with each copy. */
export function withoutCarbonCopies(message: WireMessage): WireMessage {
  if (!('CC' in message.headers)) return message;
  const { CC: _sent, ...headers } = message.headers;
  const { contentType, contentEncoding, properties, body } = message;
  return { contentType, contentEncoding, headers, properties, body };
}
