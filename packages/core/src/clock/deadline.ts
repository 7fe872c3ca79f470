import type { Clock, MonoMs, Timer } from './clock.js';

/** A point in monotonic time until which something may take. Made once, handed down, never restarted. */
export class Deadline {
  private constructor(
    private readonly clock: Clock,
    private readonly at: MonoMs,
  ) {}

  static in(clock: Clock, ms: number): Deadline {
    return new Deadline(clock, (clock.monoNow() + Math.max(0, ms)) as MonoMs);
  }

  /** Milliseconds left, never below 0. */
  leftMs(): number {
    return Math.max(0, this.at - this.clock.monoNow());
  }

  get passed(): boolean {
    return this.leftMs() === 0;
  }

  /** Whether `work` ended in time, with success or without. Work that has ended already counts, also when the deadline has passed. */
  async within(work: Promise<unknown>): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const timer = this.onPassed(() => resolve(false));
      const ended = (): void => {
        timer?.cancel();
        resolve(true);
      };
      work.then(ended, ended);
    });
  }

  /** Settles as `work` does, or rejects with what `onPassed` makes when the deadline passes first. */
  async race<T>(work: Promise<T>, onPassed: () => Error): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const timer = this.onPassed(() => reject(onPassed()));
      work.then(resolve, reject).finally(() => timer?.cancel());
    });
  }

  /** Where it has passed already no time needs to go by, so that a clock that stands still gives an answer too. */
  private onPassed(action: () => void): Timer | undefined {
    const leftMs = this.leftMs();
    if (leftMs > 0) return this.clock.after(leftMs, action);
    this.clock.endOfTurn(action);
    return undefined;
  }
}
