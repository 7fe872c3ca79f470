import type { Clock, Timer, WallMs } from '../clock/clock.js';
import type { MemoryDelivery } from './memory-delivery.js';
import type { MemoryQueue } from './memory-queue.js';
import { type Timed, TimeHeap } from '../clock/time-heap.js';

/** Longest sleep: calendar time can be set forward while a timer runs, which then would fire too late. */
const longestSleepMs = 3_600_000;

/** Messages that wait for their time, of all queues: one heap, one timer. */
export class DelayedMessages {
  private readonly heap = new TimeHeap<MemoryDelivery>();
  private timer: Timer | undefined;
  private armedFor = Number.POSITIVE_INFINITY;

  /** @param onDue told when messages went to their queues */
  constructor(
    private readonly clock: Clock,
    private readonly onDue: () => void,
  ) {}

  add(delivery: MemoryDelivery, notBefore: WallMs): void {
    delivery.home.delayed += 1;
    this.heap.add(notBefore, delivery);
    this.arm();
  }

  /** Puts what is due behind the others of its queue, the earliest first. */
  release(): void {
    if (this.heap.size === 0) return;
    const now = this.clock.wallNow();
    let released = false;
    for (let due = this.heap.takeDue(now); due !== undefined; due = this.heap.takeDue(now)) {
      due.value.home.delayed -= 1;
      due.value.home.pushBack(due.value);
      released = true;
    }
    if (released) this.onDue();
  }

  /** The first `limit` messages of a queue after a position, in the order of their times. */
  page(
    queue: MemoryQueue,
    limit: number,
    after: { readonly atMs: number; readonly order: number } | undefined,
  ): readonly Timed<MemoryDelivery>[] {
    const found: Timed<MemoryDelivery>[] = [];
    for (const item of this.heap) {
      if (item.value.home !== queue) continue;
      if (after !== undefined && compare(item, after) <= 0) continue;
      const last = found[limit - 1];
      if (last !== undefined && compare(item, last) > 0) continue;
      // Kept sorted and short, so that a page costs one look at each waiting message and no sorting of all.
      let at = found.length;
      while (at > 0 && compare(item, found[at - 1] as Timed<MemoryDelivery>) < 0) at -= 1;
      found.splice(at, 0, item);
      if (found.length > limit) found.pop();
    }
    return found;
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.heap.clear();
  }

  private arm(): void {
    const earliest = this.heap.earliestMs;
    if (earliest === undefined || earliest >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = earliest;
    const sleepMs = Math.min(earliest - this.clock.wallNow(), longestSleepMs);
    this.timer = this.clock.after(sleepMs, () => {
      this.timer = undefined;
      this.armedFor = Number.POSITIVE_INFINITY;
      this.release();
      this.arm();
    });
  }
}

const compare = (
  a: { readonly atMs: number; readonly order: number },
  b: { readonly atMs: number; readonly order: number },
): number => a.atMs - b.atMs || a.order - b.order;
