import { Coalescer, Deadline, isLovageError, type Timer } from '@lovage/core';
import { codedFailure } from '../connection/amqp-failure.js';
import type { RabbitStore } from '../rabbit-store.js';
import { type CountOperation, countsAtOnce, type KnownDeliveries } from './count-book.js';
import { CountLog } from './count-log.js';

/** Messages that have gone are told with the next note about others, or by themselves when there are so many, or after so long. */
const mostGone = 500;
const goneMs = 1000;
/** Longest time for one question; who has no answer by then counts carefully. */
const answerMs = 5000;
/** Once too often is safer than never. */
const unanswered: KnownDeliveries = { counted: 1, handed: true };

/** A delivery, as it is counted. */
export interface CountedDelivery {
  /** Names its message; the same whenever that is delivered. */
  readonly key: string;
  /** The broker has taken the message back before. */
  readonly returned: boolean;
  /** When so many deliveries of this copy count, one more counts only when work on it begins. `Infinity`: it always counts. */
  readonly below: number;
  /** What is known of those before it; `undefined`: nobody has asked. */
  count: KnownDeliveries | undefined;
  /**
   * What the notes say of it. `undefined`: nothing, and when its process dies it counts. `waits`: it has not begun, and does not count. `unknown`: nobody
   * has answered.
   */
  note: 'counts' | 'waits' | 'unknown' | undefined;
}

/**
 * Counts deliveries of messages that the broker has taken back, by notes in a log beside it; see `CountBook` for what is noted, and
 * when. Those of one turn of the event loop share an entry. A message that nobody gives back and nobody dies with costs nothing.
 */
export class DeliveryCounts {
  private readonly log: CountLog;
  private readonly operations: Coalescer<CountOperation, KnownDeliveries | undefined>;
  /** Of messages that have gone, of which nobody was told yet. */
  private gone: CountOperation[] = [];
  private goneTimer: Timer | undefined;

  constructor(private readonly store: RabbitStore) {
    this.log = new CountLog(store);
    this.operations = new Coalescer({
      clock: store.clock,
      flush: async (operations) => await this.write(operations),
    });
  }

  /** What is known of a message that the broker marks as redelivered; `undefined`: nobody answers. Nothing is noted. */
  async look(key: string): Promise<KnownDeliveries | undefined> {
    return await this.tell(['taken', key, 0]);
  }

  /** A message that came for the first time is about to be given back, unseen. */
  async untouched(key: string): Promise<void> {
    await this.tell(['known', key, 0, 0]);
  }

  /** A delivery came of which something may be known: learns it, and from now on it counts, unless it is a suspect's. */
  async taken(delivery: CountedDelivery): Promise<void> {
    const { key, below } = delivery;
    if (!delivery.returned) {
      // A copy that is a suspect from the start: who dies of something else must not leave it without a note.
      await this.tell(['known', key, 0, 1]);
      delivery.count = { counted: 0, handed: true };
      delivery.note = 'waits';
      return;
    }
    const known = await this.tell(Number.isFinite(below) ? ['taken', key, below] : ['taken', key]);
    delivery.count = known ?? unanswered;
    if (known === undefined) delivery.note = 'unknown';
    else delivery.note = countsAtOnce(known, below) ? 'counts' : 'waits';
  }

  /** Work on a delivery begins: it counts, if it did not yet. */
  async begun(delivery: CountedDelivery): Promise<void> {
    if (delivery.note !== 'waits') return;
    delivery.note = 'counts';
    await this.tell(['known', delivery.key, (delivery.count?.counted ?? 0) + 1, 1]);
  }

  /** A delivery is about to be given back. */
  async givenBack(delivery: CountedDelivery): Promise<void> {
    await this.back(delivery, 1);
  }

  /** A delivery that was never handed out is about to be given back. */
  async unseen(delivery: CountedDelivery): Promise<void> {
    await this.back(delivery, delivery.count?.handed === true ? 1 : 0);
  }

  /** The message has gone. Nobody waits to hear of it. */
  forget(key: string): void {
    this.gone.push(['gone', key]);
    if (this.gone.length >= mostGone) this.tellGone();
    else this.goneTimer ??= this.store.clock.after(goneMs, () => this.tellGone());
  }

  async close(deadline: Deadline): Promise<void> {
    this.tellGone();
    await deadline.within(this.operations.drained());
    await this.log.close(deadline);
  }

  /** Drops its connection without a word. */
  destroy(): void {
    this.takeGone();
    this.log.destroy();
  }

  private async back({ key, count, note }: CountedDelivery, handed: 0 | 1): Promise<void> {
    if (note === 'waits' || note === 'unknown') return;
    await this.tell(['known', key, count?.counted ?? 0, handed]);
  }

  /** A message that is given back without a note counts. */
  private async tell(operation: CountOperation): Promise<KnownDeliveries | undefined> {
    try {
      return await this.operations.add(operation);
    } catch (error) {
      this.store.warn(error);
      return undefined;
    }
  }

  private tellGone(): void {
    for (const operation of this.takeGone()) void this.tell(operation);
  }

  private takeGone(): readonly CountOperation[] {
    this.goneTimer?.cancel();
    this.goneTimer = undefined;
    const { gone } = this;
    this.gone = [];
    return gone;
  }

  private async write(asked: readonly CountOperation[]): Promise<readonly (KnownDeliveries | undefined)[]> {
    const link = this.store.publishing;
    // Notes are messages too: a broker that takes none would let us wait in vain.
    if (link.blocked !== undefined) throw link.unreachable('count deliveries', link.blocked);
    const deadline = Deadline.in(this.store.clock, answerMs);
    const gone = this.takeGone();
    const operations = [...gone, ...asked];
    try {
      if (asked.some(([kind]) => kind === 'taken'))
        return (await this.log.ask(operations, deadline)).slice(gone.length);
      await this.log.note(operations, deadline);
      return [];
    } catch (error) {
      const coded = codedFailure(link.address, 'count deliveries', error);
      throw isLovageError(coded) ? coded : link.unreachable('count deliveries', error);
    }
  }
}
