import type { Clock, MonoMs, Timer, WallMs } from './clock.js';

interface Scheduled {
  readonly dueMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** A clock that moves only when a test moves it. */
export class VirtualClock implements Clock {
  private elapsedMs = 0;
  private wallOffsetMs: number;
  private nextOrder = 0;
  private scheduled: Scheduled[] = [];

  /** @param startMs calendar time at the start; default 2026-01-01T00:00:00Z */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.wallOffsetMs = startMs;
  }

  wallNow(): WallMs {
    return (this.wallOffsetMs + this.elapsedMs) as WallMs;
  }

  monoNow(): MonoMs {
    return this.elapsedMs as MonoMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const entry = { dueMs: this.elapsedMs + Math.max(0, delayMs), order: this.nextOrder++, action };
    this.scheduled.push(entry);
    return {
      cancel: () => {
        this.scheduled = this.scheduled.filter((other) => other !== entry);
      },
    };
  }

  /** Tests end when they have ended. */
  keepAlive(): Timer {
    return { cancel: () => undefined };
  }

  endOfTurn(action: () => void): void {
    setImmediate(action);
  }

  /** Number of timers that wait; 0 after a clean stop. */
  get pending(): number {
    return this.scheduled.length;
  }

  /** Moves both clocks forward, running what becomes due in its order and letting what it causes happen. */
  async advance(byMs: number): Promise<void> {
    const target = this.elapsedMs + byMs;
    await this.settle();
    for (let next = this.earliest(target); next !== undefined; next = this.earliest(target)) {
      const due = next;
      this.elapsedMs = Math.max(this.elapsedMs, due.dueMs);
      this.scheduled = this.scheduled.filter((other) => other !== due);
      due.action();
      await this.settle();
    }
    this.elapsedMs = target;
    await this.settle();
  }

  /** Moves only the calendar, as an operator or NTP does. */
  stepWall(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  /** Lets everything happen that needs no time: some turns of the event loop. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private earliest(notAfterMs: number): Scheduled | undefined {
    let found: Scheduled | undefined;
    for (const entry of this.scheduled) {
      if (entry.dueMs > notAfterMs) continue;
      if (
        found === undefined ||
        entry.dueMs < found.dueMs ||
        (entry.dueMs === found.dueMs && entry.order < found.order)
      ) {
        found = entry;
      }
    }
    return found;
  }
}
