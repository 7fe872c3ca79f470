import type { WireMessage } from '@lovage/core';
import { withoutCarbonCopies } from '../wire/carbon-copies.js';
import { ownHeaders } from '../wire/own-headers.js';
import type { Dispatch } from './publisher.js';

/** A message as it was taken out of a queue. */
export interface Original {
  readonly message: WireMessage;
  readonly queue: string;
  /** With which it was published. */
  readonly exchange: string;
  readonly routingKey: string;
}

export interface CopyOptions {
  /** Queue of the copy. */
  readonly to: string;
  /** Deliveries that count so far. */
  readonly deliveries: number;
  /** Somebody was handed it before. */
  readonly handed: boolean;
  readonly id: string;
}

/** A copy that takes the place of a message. It knows what is known of the message, and goes to one queue only. */
export function copyOf(
  { message, queue, exchange, routingKey }: Original,
  { to, deliveries, handed, id }: CopyOptions,
): Dispatch {
  const moved = exchange !== '' || routingKey !== queue;
  return {
    message: withoutCarbonCopies(message),
    exchange: '',
    routingKey: to,
    added: {
      [ownHeaders.deliveries]: deliveries,
      [ownHeaders.handed]: handed,
      [ownHeaders.copy]: id,
      ...(moved && { [ownHeaders.exchange]: exchange, [ownHeaders.routingKey]: routingKey }),
    },
  };
}
