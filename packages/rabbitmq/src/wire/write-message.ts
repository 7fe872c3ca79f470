import type { Options } from 'amqplib';
import { encodedBytes, VALUE_UNSERIALIZABLE, type WireMessage } from '@lovage/core';
import { writeHeaderValue } from './header-values.js';
import { ownHeaders } from './own-headers.js';
import { isTooLong, mostShortBytes } from './short-text.js';

/** A message as the client library takes it. */
export interface WrittenMessage {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

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
  for (const name of Object.keys(message.headers)) {
    const value = message.headers[name];
    if (isTooLong(name)) throw tooLong(message, 'the name of a header');
    headers[name] = isPlain(value) ? value : writeHeaderValue(value, `the header "${name}"`);
  }
  if (expiration !== undefined) headers[ownHeaders.expiration] = expiration;
  if (isTooLong(correlationId)) throw tooLong(message, 'the correlation id');
  if (isTooLong(replyTo)) throw tooLong(message, 'the reply queue');
  if (isTooLong(message.contentType)) throw tooLong(message, 'the content type');
  if (isTooLong(message.contentEncoding)) throw tooLong(message, 'the content encoding');
  const options: Options.Publish = {
    mandatory: true,
    contentType: message.contentType,
    contentEncoding: message.contentEncoding,
    headers:
      added === undefined ? headers : Object.assign(headers, writeHeaderValue(added, 'a header of ours')),
  };
  if (deliveryMode !== undefined) options.deliveryMode = deliveryMode;
  if (priority !== undefined) options.priority = priority;
  if (correlationId !== undefined) options.correlationId = correlationId;
  if (replyTo !== undefined) options.replyTo = replyTo;
  return { content: encodedBytes(message.body), options };
}

/** Needs no look at what is in it; of numbers those that every client writes and reads alike. */
const isPlain = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && value >= 0 && value < 128);

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
