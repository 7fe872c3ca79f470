import type { Message } from 'amqplib';
import type { MessageProperties, WireHeaders, WireMessage } from '@lovage/core';
import { celeryDelivery, secondLevels } from '../delay/delay-route.js';
import { readHeaderValue } from './header-values.js';
import { countOf, isAddedHeader, ownHeaders, textIn } from './own-headers.js';

/** A message with what stood in headers of Lovage's and RabbitMQ's own. */
export interface ReadMessage {
  readonly message: WireMessage;
  /** Exchange and routing key of the publisher, also where others have sent it on since. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Deliveries before the broker had this copy. */
  readonly deliveries: number;
  /** A consumer had it in hand before the broker had this copy. */
  readonly handed: boolean;
  /** It came before its time; milliseconds since 1970 UTC. */
  readonly notBefore: number | undefined;
  /** How often a quorum queue took it back. */
  readonly returns: number | undefined;
}

/** What the newest Celery puts before the routing key of a message that waits for its time. */
const delayPrefix = new RegExp(`^(?:[01]\\.){${secondLevels}}`);

/** Reads whatever was sent: a message that is no task is for core to judge. */
export function readMessage({ content, fields, properties }: Message): ReadMessage {
  const raw = (properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const delayed = fields.exchange === celeryDelivery;
  return {
    message: Object.freeze({
      contentType: textIn(properties.contentType) ?? '',
      contentEncoding: textIn(properties.contentEncoding) ?? '',
      headers: headersOf(raw),
      properties: propertiesOf(properties, raw),
      body: content,
    }),
    exchange: textIn(raw[ownHeaders.exchange]) ?? fields.exchange,
    routingKey:
      textIn(raw[ownHeaders.routingKey]) ??
      (delayed ? fields.routingKey.replace(delayPrefix, '') : fields.routingKey),
    deliveries: countOf(raw[ownHeaders.deliveries]) ?? 0,
    handed: raw[ownHeaders.handed] === true,
    notBefore: countOf(raw[ownHeaders.notBefore]),
    returns: countOf(raw['x-delivery-count']),
  };
}

function headersOf(raw: Readonly<Record<string, unknown>>): WireHeaders {
  // Those of most tasks: nobody else has the object.
  if (isPlain(raw)) return Object.freeze(raw);
  const headers: Record<string, unknown> = {};
  for (const name of Object.keys(raw)) {
    if (isAddedHeader(name)) continue;
    const value = raw[name];
    headers[name] = typeof value === 'object' && value !== null ? readHeaderValue(value) : value;
  }
  // The same object is copied when the message is sent again: what a consumer does to it must not matter.
  return Object.freeze(headers);
}

/** Whether nothing is to be taken off, and no value to be changed. */
function isPlain(raw: Readonly<Record<string, unknown>>): boolean {
  // The client library takes a header "__proto__" literally.
  if (Object.getPrototypeOf(raw) !== Object.prototype) return false;
  // reason: no list of the names is made for each message.
  for (const name in raw) if (isAddedHeader(name) || !isPlainValue(raw[name])) return false;
  return true;
}

const isPlainValue = (value: unknown): boolean =>
  isPrimitive(value) || (Array.isArray(value) && value.every(isPrimitive));
const isPrimitive = (value: unknown): boolean => typeof value !== 'object' || value === null;

function propertiesOf(
  // reason: the client library gives no types for them, and they are what anybody has sent.
  properties: Readonly<Record<keyof Message['properties'], unknown>>,
  raw: Readonly<Record<string, unknown>>,
): MessageProperties {
  const { correlationId, replyTo, deliveryMode, priority, expiration } = properties;
  const timeToLive = textIn(raw[ownHeaders.expiration]) ?? textIn(expiration);
  const read: Writable<MessageProperties> = {};
  if (typeof correlationId === 'string') read.correlationId = correlationId;
  if (typeof replyTo === 'string') read.replyTo = replyTo;
  if (deliveryMode === 1 || deliveryMode === 2) read.deliveryMode = deliveryMode;
  if (typeof priority === 'number') read.priority = priority;
  if (timeToLive !== undefined) read.expiration = timeToLive;
  return Object.freeze(read);
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
