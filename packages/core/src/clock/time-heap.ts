/** A value that waits for a time. `order` keeps values of one time in the order in which they were added. */
export interface Timed<T> {
  readonly atMs: number;
  readonly order: number;
  readonly value: T;
}

const before = <T>(a: Timed<T>, b: Timed<T>): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap: the earliest value first, values of one time in the order of adding. */
export class TimeHeap<T> {
  private readonly items: Timed<T>[] = [];
  private nextOrder = 0;

  get size(): number {
    return this.items.length;
  }

  /** Time of the earliest value; `undefined` when there is none. */
  get earliestMs(): number | undefined {
    return this.items[0]?.atMs;
  }

  add(atMs: number, value: T): void {
    const { items } = this;
    const item = { atMs, order: this.nextOrder++, value };
    let at = items.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above] as Timed<T>;
      if (!before(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  /** Takes the earliest value out if its time is not after `nowMs`. */
  takeDue(nowMs: number): Timed<T> | undefined {
    const first = this.items[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.items.pop() as Timed<T>;
    if (this.items.length > 0) this.sink(last);
    return first;
  }

  /** All values, in no order. */
  [Symbol.iterator](): IterableIterator<Timed<T>> {
    return this.items.values();
  }

  clear(): void {
    this.items.length = 0;
  }

  /** Puts an item in the place of the first one and moves it down to where it belongs. */
  private sink(item: Timed<T>): void {
    const { items } = this;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && before(items[below + 1] as Timed<T>, items[below] as Timed<T>))
        below += 1;
      const child = items[below] as Timed<T>;
      if (!before(child, item)) break;
      items[at] = child;
      at = below;
    }
    items[at] = item;
  }
}
