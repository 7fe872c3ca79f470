import type { GetMessage } from 'amqplib';
import { type Clock, Deadline, type Timer } from '@lovage/core';
import { failureKind } from '../connection/amqp-failure.js';
import { waitingQueueArguments } from '../delay/delay-topology.js';
import type { RabbitStore } from '../rabbit-store.js';
import { ownHeaders, textIn } from '../wire/own-headers.js';
import { copyOf } from './copy-of.js';
import type { Publisher } from './publisher.js';
import type { DeliveryKeeper, RabbitDelivery } from './rabbit-delivery.js';

/** A copy goes back to the queue of its message after this time, unless it is replaced by a newer one. */
const keptMs = 60_000;
/** Attempts to replace it in that time. */
const attempts = 4;
/** A queue that nobody has touched for so long has long been emptied. */
const forgottenMs = 24 * 3600 * 1000;

export interface DepositParts {
  readonly store: RabbitStore;
  readonly publisher: Publisher;
}

/**
 * A message that is in hand for longer than the server waits for an acknowledgement. It stands, as a copy, in a queue of its own
 * (`lovage.deposit.…`) from which it goes back to where it was when nobody renews it for a minute; then the message itself can be
 * acknowledged. Who settles it takes the copy away; who dies can not, and it is delivered again.
 *
 * KEPT   the copy is replaced by a newer one again and again.
 * LOST   it went back to its queue before it was: the process or the server stood still for too long.
 * ENDED  settled, or left to go back by itself.
 */
export class Deposit implements DeliveryKeeper {
  private readonly clock: Clock;
  private readonly queue: string;
  private readonly keptMs: number;
  /** Copies that may be in the queue, oldest first; and whether one that is not there has certainly gone back by itself. */
  private readonly copies = new Map<string, boolean>();
  private timer: Timer | undefined;
  private renewing: Promise<void> = Promise.resolve();
  private over = false;

  private constructor(
    private readonly parts: DepositParts,
    private readonly delivery: RabbitDelivery,
    private readonly onLost: () => void,
  ) {
    const { store } = parts;
    this.clock = store.clock;
    this.queue = `lovage.deposit.${store.newId()}`;
    this.keptMs = Math.min(keptMs, store.settings.consumerTimeoutMs);
  }

  /** Resolves when the copy is safe. @throws what the server says against it, LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_BLOCKED */
  static async make(parts: DepositParts, delivery: RabbitDelivery, onLost: () => void): Promise<Deposit> {
    const deposit = new Deposit(parts, delivery, onLost);
    const deadline = deposit.deadline();
    await deposit.declare(deadline);
    await deposit.publish(deadline);
    deposit.again();
    return deposit;
  }

  /** A copy that says so takes the place of one that was made while the delivery waited. */
  async begun(): Promise<void> {
    await this.renew();
  }

  /**
   * Takes the copy away.
   *
   * @returns false: it has gone back to its queue, and is or was delivered to others
   * @throws LOVAGE_STORE_UNREACHABLE; it may be asked again
   */
  async end(deadline: Deadline): Promise<boolean> {
    if (this.over) return false;
    this.timer?.cancel();
    const { publishing } = this.parts.store;
    try {
      const ours = await publishing.call('settle', deadline, async (channel) => {
        // In hand, the copy can not go away before its queue does.
        const oldest = idOf(await channel.get(this.queue));
        await channel.deleteQueue(this.queue);
        return !this.wentBackBefore(oldest);
      });
      this.over = true;
      return ours;
    } catch (error) {
      if (failureKind(error) !== 'missing') {
        this.again();
        throw error;
      }
      // Asked for the second time: the answer to the first was lost.
      this.over = true;
      return true;
    }
  }

  /** Leaves the copy to go back by itself. */
  leave(): void {
    this.over = true;
    this.timer?.cancel();
  }

  private again(): void {
    if (this.over) return;
    this.timer?.cancel();
    this.timer = this.clock.after(this.keptMs / attempts, () => void this.renew());
  }

  private async renew(): Promise<void> {
    this.timer?.cancel();
    // One at a time.
    this.renewing = this.renewing.then(async () => await this.replace());
    await this.renewing;
  }

  private async replace(): Promise<void> {
    if (this.over) return;
    const deadline = this.deadline();
    try {
      await this.publish(deadline);
      while (this.copies.size > 1) {
        if (this.over || !(await this.takeOldest(deadline))) return;
      }
    } catch (error) {
      this.parts.store.warn(error);
    }
    this.again();
  }

  /** Leaves the newest. @returns false: one has gone back, so the message is no longer ours */
  private async takeOldest(deadline: Deadline): Promise<boolean> {
    const { publishing } = this.parts.store;
    let oldest: string | undefined;
    const kept = await publishing.call('settle', deadline, async (channel) => {
      const message = await channel.get(this.queue);
      oldest = idOf(message);
      const ours = !this.wentBackBefore(oldest);
      if (oldest === this.newest && ours) return true;
      // The answer may get lost.
      if (oldest !== undefined) this.copies.set(oldest, false);
      if (message !== false) channel.ack(message);
      // There is no answer to that; one that comes behind it tells that the older copy is gone.
      await (ours ? channel.checkQueue(this.queue) : channel.purgeQueue(this.queue));
      return ours;
    });
    for (const copy of this.copies.keys()) {
      if (copy === this.newest) break;
      this.copies.delete(copy);
      if (copy === oldest) break;
    }
    if (kept || this.over) return kept;
    this.over = true;
    this.onLost();
    return false;
  }

  private get newest(): string | undefined {
    return [...this.copies.keys()].at(-1);
  }

  /** Whether a copy that is older than the oldest in the queue has gone back by itself. */
  private wentBackBefore(oldest: string | undefined): boolean {
    for (const [copy, certain] of this.copies) {
      if (copy === oldest) return false;
      if (certain) return true;
    }
    return false;
  }

  private async declare(deadline: Deadline): Promise<void> {
    const { settings, publishing } = this.parts.store;
    await publishing.call('declare', deadline, async (channel) => {
      await channel.assertQueue(this.queue, {
        durable: true,
        arguments: {
          ...waitingQueueArguments(settings.delayQueueType, this.keptMs, {
            exchange: '',
            routingKey: this.delivery.queue,
          }),
          'x-expires': this.keptMs + forgottenMs,
        },
      });
    });
  }

  private async publish(deadline: Deadline): Promise<void> {
    const { store, publisher } = this.parts;
    const { delivery, queue } = this;
    const id = store.newId();
    this.copies.set(id, false);
    const copy = copyOf(delivery, { to: queue, deliveries: delivery.counted, handed: true, id });
    const [outcome] = await publisher.dispatch([copy], deadline);
    if (outcome?.kind !== 'accepted')
      throw store.publishing.unreachable('keep', `the queue "${queue}" has gone`);
    this.copies.set(id, true);
  }

  private deadline(): Deadline {
    return Deadline.in(this.clock, this.keptMs / attempts);
  }
}

function idOf(message: GetMessage | false): string | undefined {
  return message === false ? undefined : textIn(message.properties.headers?.[ownHeaders.copy]);
}
