import { type Clock, type LedgerChange, LedgerWatches } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { type ChangeId, changesChannel, isLater, readChanges, splitMessage } from './change-messages.js';

/** Messages that are read at once after a gap. */
const mostAtOnce = 100;

/**
 * Listeners of one ledger, on one subscription. What was told while the connection was away is read from the log that the
 * scripts keep, as far back as it goes (about 200 messages, an hour); some of it may be told twice then.
 */
export class RedisLedgerWatches {
  private readonly watches: LedgerWatches;
  private readonly channel: string;
  /** The latest that was told, or that was there when the first watch began. */
  private latest: ChangeId | undefined;
  private endOfGaps: (() => void) | undefined;

  constructor(
    private readonly store: RedisStore,
    clock: Clock,
  ) {
    this.watches = new LedgerWatches(clock);
    this.channel = changesChannel(store);
  }

  /** Gives the function that ends the watch; calling it twice is legal. */
  add(listener: (change: LedgerChange) => void): () => void {
    if (this.watches.size === 0) this.begin();
    const end = this.watches.add(listener);
    return () => {
      if (this.watches.size === 0) return;
      end();
      if (this.watches.size === 0) this.end();
    };
  }

  close(): void {
    if (this.watches.size === 0) return;
    this.watches.close();
    this.end();
  }

  private begin(): void {
    const { subscriptions } = this.store;
    subscriptions.listen([this.channel], this.take, (error) => this.failed(error));
    this.endOfGaps = subscriptions.onGap(() => void this.catchUp().catch((error) => this.failed(error)));
    void this.findLatest().catch((error) => this.failed(error));
  }

  private end(): void {
    this.endOfGaps?.();
    this.store.subscriptions.unlisten([this.channel], this.take);
    this.latest = undefined;
  }

  private readonly take = (payload: Buffer): void => {
    const message = splitMessage(payload.toString());
    if (message !== undefined) this.tell(...message);
  };

  /** Sent behind the subscription on the same connection, so nothing lies between the two. */
  private async findLatest(): Promise<void> {
    const [last] = await this.store.call('XREVRANGE', this.store.backgroundDeadline(), async (redis) =>
      redis.xrevrange(this.store.keys.changeLog, '+', '-', 'COUNT', 1),
    );
    if (last !== undefined && this.watches.size > 0) this.passed(last[0] as ChangeId);
  }

  private async catchUp(): Promise<void> {
    const deadline = this.store.backgroundDeadline();
    for (let from = this.latest === undefined ? '-' : (`(${this.latest}` as const); this.watches.size > 0; ) {
      const missed = await this.store.call('XRANGE', deadline, async (redis) =>
        redis.xrange(this.store.keys.changeLog, from, '+', 'COUNT', mostAtOnce),
      );
      for (const [id, [, told = '']] of missed) this.tell(id as ChangeId, told);
      const last = missed.at(-1);
      if (last === undefined || missed.length < mostAtOnce) return;
      from = `(${last[0]}`;
    }
  }

  private tell(id: ChangeId, told: string): void {
    this.passed(id);
    for (const change of readChanges(told)) this.watches.tell(change);
  }

  private passed(id: ChangeId): void {
    if (this.latest === undefined || isLater(id, this.latest)) this.latest = id;
  }

  private failed(error: unknown): void {
    if (this.watches.size > 0) this.store.warn(error);
  }
}
