import { type Clock, type MonoMs, SystemClock, type Timer, type WallMs } from '@lovage/core';

/** The machine's clock, which knows how many timers are pending. */
export class CountingClock implements Clock {
  private readonly clock = new SystemClock();
  private readonly timers = new Set<Timer>();

  get pending(): number {
    return this.timers.size;
  }

  wallNow(): WallMs {
    return this.clock.wallNow();
  }

  monoNow(): MonoMs {
    return this.clock.monoNow();
  }

  after(delayMs: number, action: () => void): Timer {
    const timer = this.clock.after(delayMs, () => {
      this.timers.delete(own);
      action();
    });
    const own = {
      cancel: () => {
        this.timers.delete(own);
        timer.cancel();
      },
    };
    this.timers.add(own);
    return own;
  }

  keepAlive(): Timer {
    return this.clock.keepAlive();
  }

  endOfTurn(action: () => void): void {
    this.clock.endOfTurn(action);
  }
}
