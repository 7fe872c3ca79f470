import { OPTION_INVALID } from '../errors/config-errors.js';
import type { Consumer, ConsumeParams, Delivery } from '../ports/consumer.js';
import type { DealtConsumer, DeliveryRounds } from './delivery-rounds.js';
import type { DeliveryHolder, MemoryDelivery } from './memory-delivery.js';
import type { MemoryQueue } from './memory-queue.js';
import type { RevocationTable } from './revocation-table.js';

/** Every so many messages the queues are asked from another start, so that a full first queue does not starve the others. */
const fairTurn = 16;

/** The broker whose consumer it is. */
export interface ConsumerOwner {
  /** Told when the consumer has ended. */
  forget(consumer: MemoryConsumer): void;
  /** Told when the last consumer of a queue has ended. */
  unused(queue: MemoryQueue): void;
}

export interface MemoryConsumerOptions {
  readonly params: ConsumeParams;
  readonly queues: readonly MemoryQueue[];
  readonly rounds: DeliveryRounds;
  readonly revocations: RevocationTable;
  readonly owner: ConsumerOwner;
}

/** A subscription; lives until it or its broker is closed. */
export class MemoryConsumer implements Consumer, DealtConsumer, DeliveryHolder {
  readonly consumerId: string;
  readonly queues: readonly MemoryQueue[];
  readonly owner: ConsumerOwner;
  private readonly rounds: DeliveryRounds;
  private readonly revocations: RevocationTable;
  private readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
  private prefetch: number;
  private held = 0;
  private paused = false;
  private closed = false;
  private taken = 0;
  private readonly inOrder: boolean;
  private readonly suspectFrom: number;
  private batch: MemoryDelivery[] = [];

  constructor({ params, queues, rounds, revocations, owner }: MemoryConsumerOptions) {
    this.consumerId = params.consumerId;
    this.queues = queues;
    this.owner = owner;
    this.rounds = rounds;
    this.revocations = revocations;
    this.onDeliveries = params.onDeliveries;
    this.prefetch = checkedPrefetch(params.prefetch);
    this.suspectFrom = params.suspectFrom ?? Infinity;
    this.inOrder = params.queueOrder === 'priority';
  }

  /** Joins those who are dealt messages. */
  begin(): void {
    for (const queue of this.queues) queue.consumers += 1;
    this.rounds.join(this);
  }

  get room(): number {
    return this.closed || this.paused ? 0 : Math.max(0, this.prefetch - this.held);
  }

  get ready(): number {
    let ready = 0;
    for (const queue of this.queues) ready += queue.ready;
    return ready;
  }

  setPrefetch(prefetch: number): void {
    this.prefetch = checkedPrefetch(prefetch);
    this.rounds.request();
  }

  async pause(): Promise<void> {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.rounds.request();
  }

  async close(): Promise<void> {
    this.end();
  }

  /** Gives back what it has in hand. Twice is legal. */
  end(): void {
    if (this.closed) return;
    this.closed = true;
    // Taken, but closed by another consumer's callback before they were handed over.
    const neverSeen = new Set(this.batch);
    this.batch = [];
    this.held = 0;
    this.rounds.leave(this);
    this.owner.forget(this);
    for (const queue of this.queues) {
      queue.consumers -= 1;
      // From the last to the first, so that they come out again in their old order.
      for (const delivery of queue.heldBy(this).toReversed()) {
        queue.end(delivery);
        const { deliveries, counts } = delivery;
        queue.pushFront(
          neverSeen.has(delivery) ? delivery : delivery.again(counts ? deliveries + 1 : deliveries),
        );
      }
      if (queue.consumers === 0) this.owner.unused(queue);
    }
    this.rounds.request();
  }

  take(most: number): number {
    let count = 0;
    while (count < most) {
      const delivery = this.takeNext();
      if (delivery === undefined) break;
      delivery.counts = delivery.deliveries < this.suspectFrom;
      delivery.revoked = this.revocations.found(delivery.message);
      this.batch.push(delivery);
      count += 1;
    }
    this.held += count;
    return count;
  }

  handOver(): void {
    if (this.batch.length === 0) return;
    const { batch } = this;
    this.batch = [];
    this.onDeliveries(batch);
  }

  freed(): void {
    this.held -= 1;
  }

  private takeNext(): MemoryDelivery | undefined {
    const { queues } = this;
    this.taken += 1;
    const start =
      !this.inOrder && this.taken % fairTurn === 0 ? Math.floor(this.taken / fairTurn) % queues.length : 0;
    for (let step = 0; step < queues.length; step += 1) {
      const at = start + step;
      const delivery = (queues[at < queues.length ? at : at - queues.length] as MemoryQueue).take(this);
      if (delivery !== undefined) return delivery;
    }
    return undefined;
  }
}

function checkedPrefetch(prefetch: number): number {
  if (Number.isInteger(prefetch) && prefetch >= 1) return prefetch;
  throw OPTION_INVALID.create({
    problems: [{ option: 'prefetch', expected: 'an integer from 1', got: prefetch }],
  });
}
