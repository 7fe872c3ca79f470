import type { Message } from 'amqplib';
import type { Deadline, Delivery, MonoMs, WireMessage } from '@lovage/core';
import { messageKey } from '../wire/message-key.js';
import { type ReadMessage, readMessage } from '../wire/read-message.js';
import type { ConsumerChannel } from './consumer-channel.js';
import type { KnownDeliveries } from './count-book.js';
import type { CountedDelivery } from './delivery-counts.js';

/** Who holds deliveries, and ends them. */
export interface DeliveryHolder {
  /** Whether it is in hand, so that it can be settled. */
  holds(delivery: RabbitDelivery): boolean;
  /** Its message has gone; told to the broker with the next `flush`. */
  acknowledge(delivery: RabbitDelivery): void;
  /** Its message goes back where it was. */
  giveBack(delivery: RabbitDelivery): void;
  /** Sends the acknowledgements, and goes on with what they have made room for. */
  flush(): void;
}

/** What keeps the message of a delivery that was acknowledged before it was settled. */
export interface DeliveryKeeper {
  /** The delivery counts from now on. Never rejects. */
  begun(): Promise<void>;
  /** The delivery is settled. @returns false: the message is no longer ours */
  end(deadline: Deadline): Promise<boolean>;
  /** Nobody will settle it: the message goes back to its queue. */
  leave(): void;
}

/** A message that the broker has handed to one consumer. */
export class RabbitDelivery implements Delivery, CountedDelivery {
  readonly queue: string;
  readonly tag: number;
  /** When it was handed out. */
  since = 0 as MonoMs;
  /** What keeps it from now on, in place of the broker: it is acknowledged. */
  deposit: DeliveryKeeper | undefined;
  /** What the notes beside the broker say, of a message that it has taken back before. */
  count: KnownDeliveries | undefined;
  note: CountedDelivery['note'];
  private readonly read: ReadMessage;
  /** The broker has taken it back before. */
  readonly returned: boolean;

  constructor(
    queue: string,
    private readonly raw: Message,
    readonly holder: DeliveryHolder,
    readonly channel: ConsumerChannel,
    /** Whose delivery it is. */
    readonly broker: object,
    /** As of its consumer. */
    private readonly suspectFrom = Infinity,
  ) {
    this.queue = queue;
    this.tag = raw.fields.deliveryTag;
    this.read = readMessage(raw);
    this.returned = raw.fields.redelivered;
  }

  get message(): WireMessage {
    return this.read.message;
  }

  get exchange(): string {
    return this.read.exchange;
  }

  get routingKey(): string {
    return this.read.routingKey;
  }

  get deliveries(): number {
    return this.read.deliveries + (this.count?.counted ?? 0) + 1;
  }

  /** Counts as delivered only when work on it begins. */
  get suspect(): boolean {
    return this.deliveries >= this.suspectFrom;
  }

  /** Deliveries that count should its process die now. */
  get counted(): number {
    return this.note === 'waits' ? this.deliveries - 1 : this.deliveries;
  }

  get below(): number {
    return this.suspectFrom - 1 - this.read.deliveries;
  }

  get redelivered(): boolean {
    return this.read.handed || (this.count?.handed ?? false);
  }

  /** It came too early; milliseconds since 1970 UTC. */
  get notBefore(): number | undefined {
    return this.read.notBefore;
  }

  /** How often a quorum queue has taken it back. */
  get returns(): number {
    return this.read.returns ?? 0;
  }

  /** Names this copy of the message; the same whenever it is delivered. */
  get key(): string {
    return messageKey(this.queue, this.raw);
  }
}
