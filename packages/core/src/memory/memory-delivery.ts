import type { WireMessage } from '../message/wire-message.js';
import type { Delivery } from '../ports/consumer.js';
import type { ParkReason } from '../ports/settlement.js';
import type { ResultSlot } from './result-table.js';

/** The queue of a delivery, as those who end it need it. */
export interface DeliveryHome {
  readonly name: string;
  /** Number of messages that wait for their time. */
  delayed: number;
  /** Ends the holder's claim. */
  end(delivery: MemoryDelivery): void;
  /** Behind all others of its priority. */
  pushBack(delivery: MemoryDelivery): void;
  /** Before all others of its priority. */
  pushFront(delivery: MemoryDelivery): void;
  park(delivery: MemoryDelivery, reason: ParkReason): void;
}

/** The consumer that has a delivery in hand. */
export interface DeliveryHolder {
  /** The broker that made it. */
  readonly owner: object;
  /** Told when one of its deliveries has ended. */
  freed(): void;
}

/**
 * A message in a queue, from when it waits until it is settled. A message that goes back gets a new object, so that the
 * handle of its former consumer can never settle it.
 */
export class MemoryDelivery implements Delivery {
  readonly message: WireMessage;
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveries: number;
  readonly redelivered: boolean;
  revoked: boolean | undefined;
  /** It counts as delivered when its holder ends without settling it. */
  counts = true;
  /** Where the record of its task is, if it was published with one. */
  readonly sent: ResultSlot | undefined;
  /** The queue that it was taken from, and goes back to. */
  readonly home: DeliveryHome;
  /** Who has it; `undefined` before it is handed out and after it has ended. */
  holder: DeliveryHolder | undefined;
  /** Neighbours among the unsettled deliveries of the queue. */
  previous: MemoryDelivery | undefined;
  next: MemoryDelivery | undefined;

  constructor(
    message: WireMessage,
    exchange: string,
    routingKey: string,
    home: DeliveryHome,
    deliveries: number,
    redelivered: boolean,
    sent: ResultSlot | undefined,
  ) {
    this.message = message;
    this.queue = home.name;
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.deliveries = deliveries;
    this.redelivered = redelivered;
    this.revoked = undefined;
    this.sent = sent;
    this.home = home;
    this.holder = undefined;
    this.previous = undefined;
    this.next = undefined;
  }

  /** What a delivery is to others: without the links to its store, which a careless log would follow. */
  toJSON(): Delivery {
    const { message, queue, exchange, routingKey, deliveries, redelivered, revoked } = this;
    return { message, queue, exchange, routingKey, deliveries, redelivered, revoked };
  }

  /** The same message, to be handed out again. */
  again(deliveries: number): MemoryDelivery {
    const { message, exchange, routingKey, home, sent } = this;
    return new MemoryDelivery(message, exchange, routingKey, home, deliveries, true, sent);
  }
}
