import type { Clock } from '../clock/clock.js';
import type { Tick } from '../ports/ledger.js';
import { ExpiryIndex } from './expiry-index.js';

interface RecordedTick {
  readonly key: string;
  readonly expiresAt: number;
}

/** Ticks that were recorded, each for a time. */
export class TickTable {
  private readonly recorded = new Map<string, RecordedTick>();
  private readonly expiry: ExpiryIndex<RecordedTick>;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (recorded, now) => this.expire(recorded, now));
  }

  has(tick: Tick): boolean {
    const recorded = this.recorded.get(keyOf(tick));
    return recorded !== undefined && recorded.expiresAt > this.clock.monoNow();
  }

  record(tick: Tick): void {
    const recorded = { key: keyOf(tick), expiresAt: this.clock.monoNow() + tick.ttlMs };
    this.recorded.set(recorded.key, recorded);
    this.expiry.file(recorded, recorded.expiresAt);
  }

  close(): void {
    this.expiry.close();
    this.recorded.clear();
  }

  private expire(recorded: RecordedTick, nowMs: number): number | undefined {
    if (recorded.expiresAt > nowMs) return recorded.expiresAt;
    if (this.recorded.get(recorded.key) === recorded) this.recorded.delete(recorded.key);
    return undefined;
  }
}

/** The number first: whatever a schedule is called, no two ticks share a key. */
const keyOf = ({ schedule, dueMs }: Tick): string => `${dueMs} ${schedule}`;
