import type { SettleVerb } from '@lovage/core';

/** Where a message is. There is nothing else to know of a broker. */
export type Place =
  | { readonly kind: 'ready' }
  | { readonly kind: 'delayed'; readonly notBefore: number }
  | { readonly kind: 'held'; readonly by: number }
  | { readonly kind: 'parked' }
  | { readonly kind: 'gone' };

export interface ModelMessage {
  readonly queue: number;
  place: Place;
  /** Deliveries that count. */
  deliveries: number;
  /** All deliveries; tells the handles of one message apart. */
  handedOut: number;
}

export interface ModelConsumer {
  readonly queues: readonly number[];
  prefetch: number;
  paused: boolean;
  open: boolean;
}

/** What a test sees of a delivery. */
export interface SeenDelivery {
  readonly id: string;
  readonly queue: number;
  readonly deliveries: number;
  readonly redelivered: boolean;
}

/** The broker as it should be: each message is in one place. Order is not part of it; the cases see to that. */
export class BrokerModel {
  readonly messages = new Map<string, ModelMessage>();
  readonly consumers: ModelConsumer[] = [];

  publish(id: string, queue: number, notBefore: number | undefined): void {
    const place: Place = notBefore === undefined ? { kind: 'ready' } : { kind: 'delayed', notBefore };
    this.messages.set(id, { queue, place, deliveries: 0, handedOut: 0 });
  }

  /** A delivery was seen: gives what is wrong with it, if anything. */
  hand(by: number, seen: SeenDelivery, now: number): string | undefined {
    const message = this.messages.get(seen.id);
    const consumer = this.consumers[by];
    if (message === undefined || consumer === undefined) return 'nobody published it';
    if (message.place.kind !== 'ready' && !isDue(message, now))
      return `it is ${JSON.stringify(message.place)}, at ${now}`;
    if (!consumer.open) return 'the consumer is closed';
    if (consumer.paused) return 'the consumer is paused';
    if (message.queue !== seen.queue || !consumer.queues.includes(seen.queue))
      return 'it is of another queue';
    if (this.inHand(by) >= consumer.prefetch)
      return `the consumer has its prefetch of ${consumer.prefetch} in hand`;
    if (seen.deliveries !== message.deliveries + 1)
      return `delivery ${message.deliveries + 1} is told to be ${seen.deliveries}`;
    if (seen.redelivered !== message.handedOut > 0)
      return `redelivered is told to be ${String(seen.redelivered)}`;
    message.place = { kind: 'held', by };
    message.deliveries += 1;
    message.handedOut += 1;
    return undefined;
  }

  /** @param handedOut of the delivery that is settled */
  settle(id: string, handedOut: number, verb: SettleVerb, now: number): 'settled' | 'lost' {
    const message = this.messages.get(id);
    if (message?.place.kind !== 'held' || message.handedOut !== handedOut) return 'lost';
    switch (verb.kind) {
      case 'ack':
        message.place = { kind: 'gone' };
        break;
      case 'park':
        message.place = { kind: 'parked' };
        break;
      case 'release':
        message.place = { kind: 'ready' };
        message.deliveries -= 1;
        break;
      case 'requeue':
        message.place = verb.delayMs ? { kind: 'delayed', notBefore: now + verb.delayMs } : { kind: 'ready' };
        break;
    }
    return 'settled';
  }

  close(consumer: number): void {
    const closing = this.consumers[consumer];
    if (closing !== undefined) closing.open = false;
    for (const message of this.messages.values()) {
      if (message.place.kind === 'held' && message.place.by === consumer) message.place = { kind: 'ready' };
    }
  }

  /** Deletes what waits in a queue; gives its number. */
  purge(queue: number): number {
    const purged = [...this.messages.values()].filter(
      (message) => message.queue === queue && message.place.kind === 'ready',
    );
    for (const message of purged) message.place = { kind: 'gone' };
    return purged.length;
  }

  /** Whether a message waits for nothing but its delivery: somebody who may take it has room. */
  mustDeliver(now: number): boolean {
    return [...this.messages.values()].some(
      (message) =>
        (message.place.kind === 'ready' || isDue(message, now)) &&
        this.consumers.some(
          ({ open, paused, queues, prefetch }, index) =>
            open && !paused && queues.includes(message.queue) && this.inHand(index) < prefetch,
        ),
    );
  }

  /** Whether a message of a queue is between waiting for its time and waiting for a consumer. */
  hasDue(queue: number, now: number): boolean {
    return [...this.messages.values()].some((message) => message.queue === queue && isDue(message, now));
  }

  private inHand(consumer: number): number {
    let count = 0;
    for (const { place } of this.messages.values())
      if (place.kind === 'held' && place.by === consumer) count += 1;
    return count;
  }
}

const isDue = ({ place }: ModelMessage, now: number): boolean =>
  place.kind === 'delayed' && place.notBefore <= now;
