import { type Outcome, outcomeOfThrown } from '../outcome.js';
import type { Run } from '../run.js';
import type { OnEnd, Pool } from './pool.js';

/**
 * Runs tasks on the event loop of this process: concurrency is the number of tasks in flight. A task that never waits
 * (plain computation) blocks all others; a task can be asked to end, by its signal, but not be forced.
 */
export class AsyncPool implements Pool {
  /** In no order; a Set would cost more to keep, and more to clean up. */
  private readonly running: Run[] = [];
  private idle: (() => void)[] = [];

  /** @param size most tasks in flight */
  constructor(readonly size: number) {}

  /** Whether one more may begin. */
  get free(): boolean {
    return this.running.length < this.size;
  }

  /** Tasks in flight. */
  get active(): readonly Run[] {
    return this.running;
  }

  /**
   * Begins a run. `onEnd` is told its outcome, in this turn if the task does not wait for anything.
   *
   * @param action calls the task; may give a promise, and may throw anything
   */
  begin(run: Run, action: () => unknown, onEnd: OnEnd): void {
    let promise: Promise<unknown>;
    try {
      const value = action();
      // A hostile object may throw when its `then` is read, and a promise when its `constructor` is.
      if (!isThenable(value)) {
        onEnd(run, { kind: 'succeeded', value });
        return;
      }
      promise = Promise.resolve(value);
    } catch (thrown) {
      onEnd(run, outcomeOfThrown(thrown));
      return;
    }
    run.place = this.running.length;
    this.running.push(run);
    promise.then(
      (result) => this.end(run, { kind: 'succeeded', value: result }, onEnd),
      (thrown: unknown) => this.end(run, outcomeOfThrown(thrown), onEnd),
    );
  }

  /** Resolves when nothing runs. */
  async drained(): Promise<void> {
    if (this.running.length === 0) return;
    await new Promise<void>((resolve) => {
      this.idle.push(resolve);
    });
  }

  /** It keeps nothing beside its runs. */
  async stop(): Promise<void> {}

  private end(run: Run, outcome: Outcome, onEnd: OnEnd): void {
    this.remove(run);
    onEnd(run, outcome);
    if (this.running.length > 0) return;
    const idle = this.idle;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  /** The last one takes its place. */
  private remove(run: Run): void {
    const last = this.running.pop();
    if (last === undefined || last === run) return;
    this.running[run.place] = last;
    last.place = run.place;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
