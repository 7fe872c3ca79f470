import type { Clock, MonoMs, Timer, WallMs } from './clock.js';

/** Longest delay that Node's timers take; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export class SystemClock implements Clock {
  wallNow(): WallMs {
    return Date.now() as WallMs;
  }

  monoNow(): MonoMs {
    return performance.now() as MonoMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const due = performance.now() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      // Node counts whole milliseconds from a time that may be old, so a timer can ring early, which would start a task before
      // its eta: then it is armed again.
      const left = Math.ceil(due - performance.now());
      timer = setTimeout(ring, Math.min(left, longestTimerMs));
      timer.unref();
    };
    const ring = (): void => {
      if (performance.now() < due) arm();
      else action();
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  }

  keepAlive(): Timer {
    const timer = setInterval(() => undefined, longestTimerMs);
    return { cancel: () => clearInterval(timer) };
  }

  endOfTurn(action: () => void): void {
    setImmediate(action);
  }
}
