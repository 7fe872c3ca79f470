import { Deadline, type Delivery } from '@lovage/core';
import type { RabbitStore } from '../rabbit-store.js';
import { Deposit } from './deposit.js';
import type { Intake } from './intake.js';
import type { Publisher } from './publisher.js';
import type { RabbitDelivery } from './rabbit-delivery.js';

export interface LongDeliveriesParts {
  readonly store: RabbitStore;
  readonly publisher: Publisher;
  readonly intake: Intake;
  /** Resolves when the server knows of a changed prefetch. */
  readonly adjust: () => Promise<void>;
  readonly onLost: (lost: readonly Delivery[]) => void;
}

/** Time for taking back what was not needed after all. */
const discardMs = 10_000;

/**
 * Deliveries of one consumer that are in hand for almost as long as the server waits for an acknowledgement. They are acknowledged, and a
 * deposit keeps each of them from then on.
 */
export class LongDeliveries {
  private left = false;

  constructor(private readonly parts: LongDeliveriesParts) {}

  /** Never rejects; what can not be kept otherwise stays as it is. */
  async keep(delivery: RabbitDelivery): Promise<void> {
    const { store, publisher, intake, adjust } = this.parts;
    try {
      const deposit = await Deposit.make({ store, publisher }, delivery, () => this.lost(delivery));
      if (intake.holds(delivery)) {
        intake.setAside(delivery);
        // Else the server would send another one in its place.
        await adjust();
      }
      if (this.left || !intake.holds(delivery) || !delivery.channel.alive) {
        // It has ended, or comes again anyway.
        await deposit.end(Deadline.in(store.clock, discardMs));
        return;
      }
      delivery.deposit = deposit;
      delivery.channel.tags.acknowledge(delivery.tag);
      delivery.channel.flush();
    } catch (error) {
      store.warn(error);
    }
  }

  /** They go back to their queues by themselves. */
  leave(): void {
    this.left = true;
    for (const { deposit } of this.parts.intake.inHand) deposit?.leave();
  }

  private lost(delivery: RabbitDelivery): void {
    const { intake, adjust, onLost } = this.parts;
    if (this.left || !intake.holds(delivery)) return;
    intake.end(delivery);
    onLost([delivery]);
    void adjust();
  }
}
