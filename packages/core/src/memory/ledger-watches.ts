import type { Clock } from '../clock/clock.js';
import type { LedgerChange } from '../ports/ledger.js';

/** Listeners of all ledgers of a store. */
export class LedgerWatches {
  /** Never changed in place, so that it can be walked while listeners come and go. */
  private listeners: readonly { readonly listener: (change: LedgerChange) => void }[] = [];

  constructor(private readonly clock: Clock) {}

  /** Gives the function that ends the watch; calling it twice is legal. */
  add(listener: (change: LedgerChange) => void): () => void {
    const entry = { listener };
    this.listeners = [...this.listeners, entry];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== entry);
    };
  }

  tell(change: LedgerChange): void {
    for (const entry of this.listeners) {
      if (!this.listeners.includes(entry)) continue;
      try {
        entry.listener(change);
      } catch (error) {
        // A listener must not throw. One that does is shown as what it is, and the others are told all the same.
        this.clock.endOfTurn(() => {
          throw error;
        });
      }
    }
  }
}
