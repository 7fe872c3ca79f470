import { createHash } from 'node:crypto';
import type { Message } from 'amqplib';
import { earlierDeliveries } from '@lovage/core';
import { ownHeaders, textIn } from './own-headers.js';

/**
 * Names one copy of a message; the same whenever it is taken out of its queue. One that was sent back to its queue as a new one has another
 * name: what was noted of the old one stands in a header of the new one, and must not count for it twice.
 */
export function messageKey(
  queue: string,
  { fields, properties: given, content }: Pick<Message, 'fields' | 'properties' | 'content'>,
): string {
  const properties: Readonly<Record<string, unknown>> = { ...given };
  const headers = (properties['headers'] ?? {}) as Readonly<Record<string, unknown>>;
  const before = earlierDeliveries(headers);
  return createHash('sha256')
    .update(
      JSON.stringify([
        queue,
        fields.exchange,
        fields.routingKey,
        properties['correlationId'],
        headers['id'],
        textIn(headers[ownHeaders.copy]),
        ...(before > 0 ? [before] : []),
      ]),
    )
    .update(content)
    .digest('hex')
    .slice(0, 40);
}
