/**
 * What a consumer has, over all of its queues: what it may hand out now, and what it must give back since it was delivered
 * beyond the prefetch. In the order of arrival, so that no queue waits for ever behind a fuller one.
 *
 * The broker keeps to the prefetch by itself, but it learns of a smaller one only after some time, and on quorum queues it counts
 * each queue apart.
 */
export class Window<T> {
  private readonly waiting: T[] = [];
  private readonly handed = new Set<T>();

  /** @param prefetch most that may be handed out at once, from 0 */
  constructor(private prefetch: number) {}

  /** Those that were handed out and have not ended. */
  get inHand(): ReadonlySet<T> {
    return this.handed;
  }

  /** Number of those that came and were not handed out. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  resize(prefetch: number): void {
    this.prefetch = prefetch;
  }

  add(item: T): void {
    this.waiting.push(item);
  }

  /** What is to be handed out now; from then on it is in hand. */
  take(): T[] {
    const taken = this.waiting.splice(0, Math.max(0, this.prefetch - this.handed.size));
    for (const item of taken) this.handed.add(item);
    return taken;
  }

  /** Whether it was in hand. */
  end(item: T): boolean {
    return this.handed.delete(item);
  }

  /** Those that wait, to be given back. */
  giveBack(): T[] {
    return this.waiting.splice(0);
  }

  /** Forgets everything; gives those that were in hand. */
  clear(): T[] {
    this.waiting.length = 0;
    const lost = [...this.handed];
    this.handed.clear();
    return lost;
  }
}
