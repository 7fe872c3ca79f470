import type { Options } from 'amqplib';
import { encodedBytes, VALUE_UNSERIALIZABLE, type WireMessage } from '@lovage/core';
import { writeHeaderValue } from './header-values.js';
import { ownHeaders } from './own-headers.js';

/** A message as the client library takes it. */
export interface WrittenMessage {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

const mostShortBytes = 255;

/**
 * Celery's AMQP format: properties and headers as they are, the body as its bytes.
 *
 * @param added headers of our own
 * @throws LOVAGE_VALUE_UNSERIALIZABLE for what AMQP has no place for
 */
export function writeMessage(
  message: WireMessage,
  added?: Readonly<Record<string, unknown>>,
): WrittenMessage {
  const { correlationId, replyTo, deliveryMode, priority, expiration } = message.properties;
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (Buffer.byteLength(name) > mostShortBytes) throw tooLong(message, 'the name of a header');
    headers[name] =
      typeof value === 'object' || typeof value === 'number'
        ? writeHeaderValue(value, `the header "${name}"`)
        : value;
  }
  if (expiration !== undefined) headers[ownHeaders.expiration] = expiration;
  for (const [what, text] of [
    ['the correlation id', correlationId],
    ['the reply queue', replyTo],
    ['the content type', message.contentType],
    ['the content encoding', message.contentEncoding],
  ] as const) {
    if (text !== undefined && text.length > 80 && Buffer.byteLength(text) > mostShortBytes)
      throw tooLong(message, what);
  }
  return {
    content: encodedBytes(message.body),
    options: {
      mandatory: true,
      contentType: message.contentType,
      contentEncoding: message.contentEncoding,
      headers: added === undefined ? headers : Object.assign(headers, added),
      ...(deliveryMode !== undefined && { deliveryMode }),
      ...(priority !== undefined && { priority }),
      ...(correlationId !== undefined && { correlationId }),
      ...(replyTo !== undefined && { replyTo }),
    },
  };
}

function tooLong(message: WireMessage, where: string): Error {
  const { id, task } = message.headers;
  return VALUE_UNSERIALIZABLE.create({
    taskId: typeof id === 'string' ? id : undefined,
    taskName: typeof task === 'string' ? task : undefined,
    serializer: 'AMQP',
    where,
    problem: `it has more than ${mostShortBytes} bytes`,
  });
}
