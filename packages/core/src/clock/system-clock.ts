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
      const left = due - performance.now();
      timer =
        left > longestTimerMs
          ? setTimeout(arm, longestTimerMs)
          : // Node counts whole milliseconds and may round down; firing early would start a task before its eta.
            setTimeout(action, Math.ceil(left));
      timer.unref();
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
