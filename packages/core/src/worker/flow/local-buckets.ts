import type { Clock } from '../../clock/clock.js';

/** Names that are remembered beyond their time; more are swept out. */
const mostNames = 1000;

/**
 * How often tasks may begin in this worker, by name. Kept as one number: the time at which the bucket is full again.
 */
export class LocalBuckets {
  private readonly fullAt = new Map<string, number>();
  private sweepAt = mostNames;

  constructor(private readonly clock: Clock) {}

  /**
   * Takes one token.
   *
   * @param intervalMs from one token to the next
   * @param burst most tokens
   * @returns 0, or milliseconds after which to ask again
   */
  take(name: string, intervalMs: number, burst: number): number {
    const now = this.clock.monoNow();
    const fullAt = Math.max(now, this.fullAt.get(name) ?? now);
    const waitMs = fullAt - now - (burst - 1) * intervalMs;
    // Less than a microsecond is an error of sums, and no timer would wait for it.
    if (waitMs > 1e-3) return waitMs;
    this.fullAt.set(name, fullAt + intervalMs);
    if (this.fullAt.size > this.sweepAt) this.sweep(now);
    return 0;
  }

  /** A full bucket needs not be remembered. */
  private sweep(now: number): void {
    for (const [name, at] of this.fullAt) if (at <= now) this.fullAt.delete(name);
    this.sweepAt = Math.max(mostNames, this.fullAt.size * 2);
  }
}
