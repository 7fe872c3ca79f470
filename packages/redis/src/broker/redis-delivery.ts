import type { Delivery, WireMessage } from '@lovage/core';
import type { Envelope } from '../wire/envelope.js';
import type { RedisConsumer } from './redis-consumer.js';

/** A message in the hands of a consumer. */
export class RedisDelivery implements Delivery {
  readonly message: WireMessage;
  readonly exchange: string;
  readonly routingKey: string;
  readonly deliveries: number;
  readonly redelivered: boolean;
  /** Names it in the store while it is in hand. */
  readonly tag: string;

  constructor(
    envelope: Envelope,
    /** The envelope as it was written, to be given back unchanged. */
    readonly text: string,
    readonly queue: string,
    readonly consumer: RedisConsumer,
    /** The lease under which it was claimed; the consumer may have a new one since. */
    readonly owner: string,
    readonly revoked: false | undefined,
  ) {
    this.message = envelope.message;
    this.exchange = envelope.exchange;
    this.routingKey = envelope.routingKey;
    this.deliveries = envelope.deliveries + 1;
    this.redelivered = envelope.redelivered;
    this.tag = envelope.tag;
  }
}
