import { Coalescer, Deadline, isLovageError } from '@lovage/core';
import { codedFailure } from '../connection/amqp-failure.js';
import type { RabbitStore } from '../rabbit-store.js';
import type { CountOperation, KnownDeliveries } from './count-book.js';
import { CountLog } from './count-log.js';

/** Longest time for one question; who has no answer by then counts carefully. */
const answerMs = 5000;
/** Once too often is safer than never. */
const unanswered: KnownDeliveries = { counted: 1, handed: true };

/**
 * Counts deliveries of messages that the broker has taken back, by notes in a log beside it; see `CountBook` for what is noted, and
 * when. Those of one turn of the event loop share an entry. A message that nobody gives back and nobody dies with costs nothing.
 */
export class DeliveryCounts {
  private readonly log: CountLog;
  private readonly operations: Coalescer<CountOperation, KnownDeliveries | undefined>;

  constructor(private readonly store: RabbitStore) {
    this.log = new CountLog(store);
    this.operations = new Coalescer({
      clock: store.clock,
      flush: async (operations) => await this.write(operations),
    });
  }

  /** A message came that the broker marks as redelivered. From now on this delivery counts. @returns what counts before it */
  async taken(key: string): Promise<KnownDeliveries> {
    return (await this.tell(['taken', key])) ?? unanswered;
  }

  /** A message is about to be given back. @param count as it was taken; `undefined`: it came for the first time */
  async givenBack(key: string, count: KnownDeliveries | undefined): Promise<void> {
    await this.tell(['known', key, count?.counted ?? 0, 1]);
  }

  /** A message that was never handed out is about to be given back. @param count as for `givenBack` */
  async unseen(key: string, count: KnownDeliveries | undefined): Promise<void> {
    await this.tell(['known', key, count?.counted ?? 0, count?.handed === true ? 1 : 0]);
  }

  /** The message has gone. */
  forget(key: string): void {
    void this.tell(['gone', key]);
  }

  async close(deadline: Deadline): Promise<void> {
    await deadline.within(this.operations.drained());
    await this.log.close(deadline);
  }

  /** Drops its connection without a word. */
  destroy(): void {
    this.log.destroy();
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

  private async write(
    operations: readonly CountOperation[],
  ): Promise<readonly (KnownDeliveries | undefined)[]> {
    const link = this.store.publishing;
    // Notes are messages too: a broker that takes none would let us wait in vain.
    if (link.blocked !== undefined) throw link.unreachable('count deliveries', link.blocked);
    const deadline = Deadline.in(this.store.clock, answerMs);
    try {
      if (operations.some(([kind]) => kind === 'taken')) return await this.log.ask(operations, deadline);
      await this.log.note(operations, deadline);
      return [];
    } catch (error) {
      const coded = codedFailure(link.address, 'count deliveries', error);
      throw isLovageError(coded) ? coded : link.unreachable('count deliveries', error);
    }
  }
}
