import type { Delivery } from '../ports/consumer.js';
import type { Stores } from '../stores/stores.js';
import type { Run } from './run.js';

/** Handed out so often without being settled, a message may be the one that kills its workers. */
const suspectFrom = 3;

export interface SuspectsParts {
  readonly stores: Stores;
  readonly maxDeliveries: number;
  readonly onProblem: (error: unknown, run: Run) => void;
}

/**
 * Messages that were delivered so often that their workers may have died of them, or of something else while these were in hand. Their
 * deliveries count from when they begin.
 */
export class Suspects {
  /** From this delivery on a message is one. */
  readonly from: number;

  constructor(private readonly parts: SuspectsParts) {
    this.from = Math.max(2, Math.min(suspectFrom, parts.maxDeliveries));
  }

  include({ deliveries }: Delivery): boolean {
    // What is beyond the most is parked, and not run.
    return deliveries >= this.from && deliveries <= this.parts.maxDeliveries;
  }

  /** Tells the broker that one is about to begin; gives the function that calls it off. */
  begin(run: Run, wake: () => void): () => void {
    const { stores, onProblem } = this.parts;
    let isCalledOff = false;
    void stores.broker
      .begin({ deliveries: [run.delivery], deadline: stores.deadline() })
      // It begins whatever comes of this: a message that can not be counted must not be stuck.
      .catch((error: unknown) => onProblem(error, run))
      .then(() => {
        run.counts = true;
        if (!isCalledOff) wake();
      });
    return () => {
      isCalledOff = true;
    };
  }
}
