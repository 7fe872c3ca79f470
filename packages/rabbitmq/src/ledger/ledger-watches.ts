import type { Clock, LedgerChange } from '@lovage/core';

/** Listeners of one ledger. */
export class LedgerWatches {
  /** Never changed in place, so that it can be walked while listeners come and go. */
  private watches: readonly { readonly listener: (change: LedgerChange) => void }[] = [];

  constructor(private readonly clock: Clock) {}

  /** Gives the function that ends the watch; calling it twice is legal. */
  add(listener: (change: LedgerChange) => void): () => void {
    const watch = { listener };
    this.watches = [...this.watches, watch];
    return () => {
      this.watches = this.watches.filter((other) => other !== watch);
    };
  }

  tell(change: LedgerChange): void {
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

  close(): void {
    this.watches = [];
  }
}
