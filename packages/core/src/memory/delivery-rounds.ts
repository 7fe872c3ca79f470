import type { Clock } from '../clock/clock.js';
import { callListener } from '../drivers/call-listener.js';

/** A consumer, as the rounds see it. */
export interface DealtConsumer {
  readonly consumerId: string;
  /** How many more it may take now. */
  readonly room: number;
  /** Messages that wait in its queues. */
  readonly ready: number;
  /** Takes up to `most` messages, to be handed over by `handOver`; gives their number. */
  take(most: number): number;
  /** Gives the consumer what was taken since the last time. */
  handOver(): void;
}

/** Most messages that one consumer is handed in one turn of the event loop, so that other work gets its share of it. */
const mostPerTurn = 1000;

/**
 * Deals waiting messages to consumers: at the end of a turn of the event loop, so that all that was published and settled
 * in it leads to one call of each consumer, and a consumer that settles inside that call can not recurse.
 */
export class DeliveryRounds {
  private readonly consumers: DealtConsumer[] = [];
  private requested = false;
  private first = 0;

  /** @param beforeDeal lets what has just become due join what waits */
  constructor(
    private readonly clock: Clock,
    private readonly beforeDeal: () => void,
  ) {}

  join(consumer: DealtConsumer): void {
    this.consumers.push(consumer);
    this.request();
  }

  leave(consumer: DealtConsumer): void {
    const at = this.consumers.indexOf(consumer);
    if (at !== -1) this.consumers.splice(at, 1);
  }

  has(consumerId: string): boolean {
    return this.consumers.some((consumer) => consumer.consumerId === consumerId);
  }

  /** Something may have become deliverable. */
  request(): void {
    if (this.requested || this.consumers.length === 0) return;
    this.requested = true;
    this.clock.endOfTurn(this.run);
  }

  private readonly run = (): void => {
    this.requested = false;
    this.beforeDeal();
    const dealt = this.deal();
    for (const consumer of dealt) {
      // What a consumer that throws was handed stays unsettled.
      callListener(this.clock, () => consumer.handOver());
    }
  };

  /** Shares out what waits; gives the consumers in the order in which they are to be called. */
  private deal(): readonly DealtConsumer[] {
    const { consumers } = this;
    this.first = consumers.length === 0 ? 0 : (this.first + 1) % consumers.length;
    const inTurn =
      this.first === 0
        ? consumers.slice()
        : [...consumers.slice(this.first), ...consumers.slice(0, this.first)];
    const mayTake = new Map<DealtConsumer, number>();
    for (const consumer of inTurn) {
      if (consumer.room > 0 && consumer.ready > 0)
        mayTake.set(consumer, Math.min(consumer.room, mostPerTurn));
    }
    const dealt = [...mayTake.keys()];
    while (mayTake.size > 0) {
      let sharing = mayTake.size;
      for (const [consumer, most] of mayTake) {
        const taken = consumer.take(Math.min(most, Math.ceil(consumer.ready / sharing)));
        sharing -= 1;
        if (taken === 0 || taken === most) mayTake.delete(consumer);
        else mayTake.set(consumer, most - taken);
        if (taken === most && consumer.room > 0) this.request();
      }
    }
    return dealt;
  }
}
