import { VALUE_UNSERIALIZABLE, type WireMessage } from '@lovage/core';
import { writeHeaderValue } from './header-values.js';
import { ownHeaders } from './own-headers.js';
import { isTooLong } from './short-text.js';

/** Of all headers as JSON, which is a third of what AMQP needs for the same at worst: the client library has room for 64 KiB. */
const mostHeaderBytes = 20 * 1024;
const mostShown = 500;

/**
 * Other client libraries write what ours can not: text that is no UTF-8 and is longer once it was read, headers without end, lists in lists in lists.
 * Such a message must have a copy all the same, to be parked or put back. It is the message without the parts for which there is no place; a
 * header of our own names them.
 */
export function writableMessage(message: WireMessage): WireMessage {
  const leftOut: string[] = [];
  const { correlationId, replyTo, ...properties } = message.properties;
  const kept = (text: string | undefined, what: string): string | undefined => {
    if (!isTooLong(text)) return text;
    leftOut.push(what);
    return undefined;
  };
  const id = kept(correlationId, 'the correlation id');
  const queue = kept(replyTo, 'the reply queue');
  return {
    contentType: kept(message.contentType, 'the content type') ?? '',
    contentEncoding: kept(message.contentEncoding, 'the content encoding') ?? '',
    headers: {
      ...writableHeaders(message.headers, leftOut),
      [ownHeaders.leftOut]: leftOut.join(', ').slice(0, mostShown),
    },
    properties: {
      ...properties,
      ...(id !== undefined && { correlationId: id }),
      ...(queue !== undefined && { replyTo: queue }),
    },
    body: message.body,
  };
}

/** The smaller ones come first: among them are those by which a task is known. */
function writableHeaders(
  headers: WireMessage['headers'],
  leftOut: string[],
): Readonly<Record<string, unknown>> {
  const sized = Object.entries(headers).map(([name, value]) => [name, value, bytesOf(name, value)] as const);
  const written: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let left = mostHeaderBytes;
  for (const [name, value, bytes] of sized.toSorted((one, other) => one[2] - other[2])) {
    left -= bytes;
    if (left >= 0) written[name] = value;
    else leftOut.push(`the header "${name.slice(0, 50)}"`);
  }
  return written;
}

/** Infinite where it can not be written. */
function bytesOf(name: string, value: unknown): number {
  try {
    if (isTooLong(name)) return Number.POSITIVE_INFINITY;
    writeHeaderValue(value, name);
    return Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value) ?? '');
  } catch (error) {
    if (VALUE_UNSERIALIZABLE.is(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
