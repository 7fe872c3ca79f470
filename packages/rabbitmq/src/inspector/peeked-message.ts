import type { GetMessage } from 'amqplib';
import type { InspectedMessage, ParkReason } from '@lovage/core';
import { ownHeaders, textIn } from '../wire/own-headers.js';
import { readMessage } from '../wire/read-message.js';

/** A message that was looked at in its queue. @param counted deliveries that the notes beside it say */
export function peekedMessage(
  raw: GetMessage,
  queue: string,
  place: 'ready' | 'parked',
  counted: number,
): InspectedMessage {
  const { message, deliveries } = readMessage(raw);
  return {
    message,
    queue,
    place,
    deliveries: deliveries + counted,
    ...(place === 'parked' && { reason: reasonIn(raw) }),
  };
}

/** `undefined` for a message that the broker itself has put there, since it was delivered too often. */
function reasonIn({ properties }: GetMessage): ParkReason | undefined {
  const headers = (properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const code = textIn(headers[ownHeaders.parkCode]);
  return code === undefined ? undefined : { code, text: textIn(headers[ownHeaders.parkText]) ?? '' };
}
