import type { Clock } from '@lovage/core';

export interface HandOverListener<Item> {
  readonly onBatch: (batch: readonly Item[]) => void;
  /** The last batch was handed over, and its turn has ended. */
  readonly onEmpty: () => void;
}

/**
 * Hands batches over, one for each turn of the event loop: what ends in a turn is settled, and its places are filled, while the
 * next batch is worked on. Two at once would be settled at once, and server and worker would wait for each other.
 */
export class HandOver<Item> {
  private readonly batches: (readonly Item[])[] = [];
  private handing = false;

  constructor(
    private readonly clock: Clock,
    private readonly listener: HandOverListener<Item>,
  ) {}

  /** A batch was handed over in this turn, or waits for the next one. */
  get busy(): boolean {
    return this.handing;
  }

  add(batch: readonly Item[]): void {
    if (this.handing) {
      this.batches.push(batch);
      return;
    }
    this.handing = true;
    this.clock.endOfTurn(() => {
      if (this.batches.length === 0) this.goOn();
      // What ended in this turn is gathered until its end too: the next batch would join it.
      else this.clock.endOfTurn(() => this.goOn());
    });
    this.listener.onBatch(batch);
  }

  private goOn(): void {
    this.handing = false;
    const next = this.batches.shift();
    if (next === undefined) this.listener.onEmpty();
    else this.add(next);
  }
}
