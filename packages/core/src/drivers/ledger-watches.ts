import type { Clock } from '../clock/clock.js';
import type { LedgerChange } from '../ports/ledger.js';
import { callListener } from './call-listener.js';

/** Who is told what changes in a ledger. */
export class LedgerWatches {
  /** Never changed in place, so that it can be walked while listeners come and go. */
  private watches: readonly { readonly listener: (change: LedgerChange) => void }[] = [];

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.watches.length;
  }

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
      // Ended by one that was told before it.
      if (this.watches.includes(watch)) callListener(this.clock, () => watch.listener(change));
    }
  }

  close(): void {
    this.watches = [];
  }
}
