import { createHash } from 'node:crypto';
import type { Message } from 'amqplib';
import { ownHeaders, textIn } from './own-headers.js';

/** Names one copy of a message; the same whenever it is taken out of its queue. */
export function messageKey(
  queue: string,
  { fields, properties: given, content }: Pick<Message, 'fields' | 'properties' | 'content'>,
): string {
  const properties: Readonly<Record<string, unknown>> = { ...given };
  const headers = (properties['headers'] ?? {}) as Readonly<Record<string, unknown>>;
  return createHash('sha256')
    .update(
      JSON.stringify([
        queue,
        fields.exchange,
        fields.routingKey,
        properties['correlationId'],
        headers['id'],
        textIn(headers[ownHeaders.copy]),
      ]),
    )
    .update(content)
    .digest('hex')
    .slice(0, 40);
}
