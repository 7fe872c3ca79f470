import type { Clock, Timer } from '../clock/clock.js';
import { TimeHeap } from '../clock/time-heap.js';

/** Keys that expire within one second are looked at together; readers compare the exact time themselves. */
const bucketMs = 1000;

/**
 * Remembers when to look at keys again, so that what has expired is deleted even if nobody asks for it. One timer for
 * all; a key costs one array element, not a timer.
 */
export class ExpiryIndex<Key> {
  private readonly buckets = new Map<number, Key[]>();
  private readonly order = new TimeHeap<number>();
  /** The bucket that was used last, and its end; 0: none. */
  private latest: Key[] = [];
  private latestEndsAt = 0;
  private timer: Timer | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  /** @param expire deletes the key if it has expired; gives the time at which to look again if it has not */
  constructor(
    private readonly clock: Clock,
    private readonly expire: (key: Key, nowMs: number) => number | undefined,
  ) {}

  /** @param atMs monotonic time; infinite: never */
  file(key: Key, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    // Most keys of one moment live equally long, so they share a bucket.
    if (atMs >= this.latestEndsAt - bucketMs && atMs < this.latestEndsAt) this.latest.push(key);
    else this.bucketFor(atMs).push(key);
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.armedFor = Number.POSITIVE_INFINITY;
    this.buckets.clear();
    this.latestEndsAt = 0;
    this.order.clear();
  }

  private bucketFor(atMs: number): Key[] {
    const endsAt = (Math.floor(atMs / bucketMs) + 1) * bucketMs;
    let bucket = this.buckets.get(endsAt);
    if (bucket === undefined) {
      bucket = [];
      this.buckets.set(endsAt, bucket);
      this.order.add(endsAt, endsAt);
      this.arm();
    }
    this.latest = bucket;
    this.latestEndsAt = endsAt;
    return bucket;
  }

  private arm(): void {
    const earliest = this.order.earliestMs;
    if (earliest === undefined || earliest >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = earliest;
    this.timer = this.clock.after(earliest - this.clock.monoNow(), () => {
      this.timer = undefined;
      this.armedFor = Number.POSITIVE_INFINITY;
      this.sweep();
      this.arm();
    });
  }

  private sweep(): void {
    const now = this.clock.monoNow();
    for (let due = this.order.takeDue(now); due !== undefined; due = this.order.takeDue(now)) {
      const keys = this.buckets.get(due.value) ?? [];
      this.buckets.delete(due.value);
      if (due.value === this.latestEndsAt) this.latestEndsAt = 0;
      for (const key of keys) {
        const again = this.expire(key, now);
        if (again !== undefined) this.file(key, Math.max(again, now));
      }
    }
  }
}
