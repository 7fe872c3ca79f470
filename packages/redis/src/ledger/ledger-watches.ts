import { type Clock, Deadline, type LedgerChange } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { type ChangeId, changesChannel, isLater, readChanges, splitMessage } from './change-messages.js';

/** Messages that are read at once after a gap. */
const mostAtOnce = 100;
/** Longest time for reading what was missed; it is read again after the next gap. */
const catchUpMs = 30_000;

/**
 * Listeners of one ledger, on one subscription. What was told while the connection was away is read from the log that the
 * scripts keep, as far back as it goes (about 200 messages, an hour); some of it may be told twice then.
 */
export class LedgerWatches {
  /** Never changed in place, so that it can be walked while listeners come and go. */
  private watches: readonly { readonly listener: (change: LedgerChange) => void }[] = [];
  private readonly channel: string;
  /** The latest that was told, or that was there when the first watch began. */
  private latest: ChangeId | undefined;
  private endOfGaps: (() => void) | undefined;

  constructor(
    private readonly store: RedisStore,
    private readonly clock: Clock,
  ) {
    this.channel = changesChannel(store);
  }

  /** Gives the function that ends the watch; calling it twice is legal. */
  add(listener: (change: LedgerChange) => void): () => void {
    const watch = { listener };
    if (this.watches.length === 0) this.begin();
    this.watches = [...this.watches, watch];
    return () => {
      if (!this.watches.includes(watch)) return;
      this.watches = this.watches.filter((other) => other !== watch);
      if (this.watches.length === 0) this.end();
    };
  }

  close(): void {
    if (this.watches.length === 0) return;
    this.watches = [];
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
    const [last] = await this.store.call('XREVRANGE', this.deadline(), async (redis) =>
      redis.xrevrange(this.store.keys.changeLog, '+', '-', 'COUNT', 1),
    );
    if (last !== undefined && this.watches.length > 0) this.passed(last[0] as ChangeId);
  }

  private async catchUp(): Promise<void> {
    const deadline = this.deadline();
    for (
      let from = this.latest === undefined ? '-' : (`(${this.latest}` as const);
      this.watches.length > 0;
    ) {
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
    for (const change of readChanges(told)) {
      for (const watch of this.watches) {
        if (!this.watches.includes(watch)) continue;
        try {
          watch.listener(change);
        } catch (error) {
          // A listener must not throw. One that does is shown as what it is, and the others are told all the same.
          this.clock.endOfTurn(() => {
            throw error;
          });
        }
      }
    }
  }

  private passed(id: ChangeId): void {
    if (this.latest === undefined || isLater(id, this.latest)) this.latest = id;
  }

  private deadline(): Deadline {
    return Deadline.in(this.clock, catchUpMs);
  }

  private failed(error: unknown): void {
    if (this.watches.length > 0) this.store.warn(error);
  }
}
