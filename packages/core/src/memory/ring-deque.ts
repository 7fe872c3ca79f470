const smallestMask = 15;
/** Size that is kept when everything was taken out; above it, memory is given back. */
const keptMask = 1023;

/** A queue with two ends in an array that is used as a ring: constant time at both ends, no allocation per element. */
export class RingDeque<T> {
  private slots: (T | undefined)[] = [];
  /** Number of places in the ring, less one; they are a power of two. */
  private mask = smallestMask;
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  pushBack(value: T): void {
    if (this.count > this.mask) this.grow();
    this.slots[(this.head + this.count) & this.mask] = value;
    this.count += 1;
  }

  pushFront(value: T): void {
    if (this.count > this.mask) this.grow();
    this.head = (this.head - 1) & this.mask;
    this.slots[this.head] = value;
    this.count += 1;
  }

  popFront(): T | undefined {
    if (this.count === 0) return undefined;
    const value = this.slots[this.head];
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.count -= 1;
    if (this.count === 0 && this.mask > keptMask) this.clear();
    return value;
  }

  /** The element at a position counted from the front. */
  at(index: number): T | undefined {
    return index >= 0 && index < this.count ? this.slots[(this.head + index) & this.mask] : undefined;
  }

  clear(): void {
    this.slots = [];
    this.mask = smallestMask;
    this.head = 0;
    this.count = 0;
  }

  /** Doubles a ring that is full. */
  private grow(): void {
    this.slots = [...this.slots.slice(this.head), ...this.slots.slice(0, this.head)];
    this.mask = this.mask * 2 + 1;
    this.head = 0;
  }
}
