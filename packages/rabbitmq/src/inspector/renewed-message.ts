import type { GetMessage } from 'amqplib';
import { copyOf } from '../broker/copy-of.js';
import type { KnownDeliveries } from '../broker/count-book.js';
import type { Dispatch } from '../broker/publisher.js';
import { ownHeaders } from '../wire/own-headers.js';
import { readMessage } from '../wire/read-message.js';

/** What is known of a parked message. */
const parking = [ownHeaders.parkCode, ownHeaders.parkText, ownHeaders.parkedAt, ownHeaders.leftOut];

/**
 * A copy of a message for the same queue, of which the broker has taken nothing back yet.
 *
 * @param known what the notes beside it say
 * @param copy id of the copy
 */
export function renewedMessage(
  raw: GetMessage,
  queue: string,
  known: KnownDeliveries | undefined,
  copy: string,
): Dispatch {
  const { message, exchange, routingKey, deliveries, handed } = readMessage(raw);
  const headers = (raw.properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const renewed = copyOf(
    { message, queue, exchange, routingKey },
    {
      to: queue,
      deliveries: deliveries + (known?.counted ?? 0),
      handed: handed || known?.handed === true,
      id: copy,
    },
  );
  const kept: Readonly<Record<string, unknown>> = Object.fromEntries(
    parking.flatMap((name) => (name in headers ? [[name, headers[name]]] : [])),
  );
  return { ...renewed, added: { ...kept, ...renewed.added } };
}
