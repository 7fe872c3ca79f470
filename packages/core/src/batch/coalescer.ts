import type { Clock } from '../clock/clock.js';

export interface CoalescerOptions<Item, Outcome> {
  readonly clock: Clock;
  /** Handles a batch; gives one outcome for each item, in order. A rejection is the outcome of all of them. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Most items of a batch. Default 1,000. */
  readonly maxItems?: number;
  /** Most bytes of a batch; a single larger item still goes alone. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Bytes that an item counts for, roughly. Default 0. */
  readonly bytesOf?: (item: Item) => number;
}

/** Told the outcome of an item, or the error that its batch ended with. */
export interface Done<Outcome> {
  (outcome: Outcome, error: undefined): void;
  (outcome: undefined, error: unknown): void;
}

/**
 * Turns many single calls into few large ones: all items that are added in one turn of the event loop are handled as one
 * batch, bounded by count and bytes. The one place of this library where calls are coalesced.
 *
 * Batches are started in the order of their items; several may be under way at once.
 */
export class Coalescer<Item, Outcome> {
  private items: Item[] = [];
  private waiting: Done<Outcome>[] = [];
  private bytes = 0;
  private underWay = 0;
  private idle: (() => void)[] = [];
  private readonly maxItems: number;
  private readonly maxBytes: number;
  private scheduled = false;

  constructor(private readonly options: CoalescerOptions<Item, Outcome>) {
    this.maxItems = options.maxItems ?? 1000;
    this.maxBytes = options.maxBytes ?? 1024 * 1024;
  }

  /** Adds an item; resolves with its outcome. */
  async add(item: Item): Promise<Outcome> {
    return await new Promise<Outcome>((resolve, reject) => {
      this.push(item, (outcome: Outcome | undefined, error: unknown) => {
        // reason: a batch may fail with anything; it is handed on as it is.
        // oxlint-disable-next-line prefer-promise-reject-errors
        if (error === undefined) resolve(outcome as Outcome);
        else reject(error);
      });
    });
  }

  /** Adds an item without the cost of a promise. */
  push(item: Item, done: Done<Outcome>): void {
    const size = this.options.bytesOf?.(item) ?? 0;
    if (this.items.length > 0 && (this.items.length >= this.maxItems || this.bytes + size > this.maxBytes))
      this.flush();
    this.items.push(item);
    this.waiting.push(done);
    this.bytes += size;
    if (this.scheduled) return;
    this.scheduled = true;
    this.options.clock.endOfTurn(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  /** Items that have no outcome yet. */
  get pending(): number {
    return this.items.length + this.underWay;
  }

  /** Starts the present batch at once. */
  flush(): void {
    const { items, waiting } = this;
    if (items.length === 0) return;
    this.items = [];
    this.waiting = [];
    this.bytes = 0;
    this.underWay += items.length;
    void this.run(items, waiting);
  }

  /** Resolves when everything that was added has its outcome. */
  async drained(): Promise<void> {
    this.flush();
    if (this.pending === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }

  private async run(items: readonly Item[], waiting: readonly Done<Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.options.flush(items);
      for (let index = 0; index < waiting.length; index += 1)
        (waiting[index] as Done<Outcome>)(outcomes[index] as Outcome, undefined);
    } catch (error) {
      for (const done of waiting) done(undefined, error ?? new Error('a batch failed without a reason'));
    } finally {
      this.underWay -= items.length;
      if (this.pending === 0) {
        const idle = this.idle;
        this.idle = [];
        for (const resolve of idle) resolve();
      }
    }
  }
}
