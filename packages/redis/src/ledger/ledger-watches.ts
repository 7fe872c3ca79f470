import type { Clock, LedgerChange } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { changesChannel, readChanges } from './change-messages.js';

/**
 * Listeners of one ledger, on one subscription. What was told while the connection was lost is not told again: whoever
 * must know what holds asks the store (`revoked`, `records`), as workers do for the deliveries that they are given.
 */
export class LedgerWatches {
  /** Never changed in place, so that it can be walked while listeners come and go. */
  private watches: readonly { readonly listener: (change: LedgerChange) => void }[] = [];
  private readonly channel: string;

  constructor(
    private readonly store: RedisStore,
    private readonly clock: Clock,
  ) {
    this.channel = changesChannel(store);
  }

  /** Gives the function that ends the watch; calling it twice is legal. */
  add(listener: (change: LedgerChange) => void): () => void {
    const watch = { listener };
    if (this.watches.length === 0) this.store.subscriptions.listen([this.channel], this.tell);
    this.watches = [...this.watches, watch];
    return () => {
      if (!this.watches.includes(watch)) return;
      this.watches = this.watches.filter((other) => other !== watch);
      if (this.watches.length === 0) this.store.subscriptions.unlisten([this.channel], this.tell);
    };
  }

  close(): void {
    if (this.watches.length === 0) return;
    this.watches = [];
    this.store.subscriptions.unlisten([this.channel], this.tell);
  }

  private readonly tell = (payload: Buffer): void => {
    for (const change of readChanges(payload)) {
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
  };
}
