import { type Outcome, outcomeOfThrown } from '../outcome.js';
import type { Run, RunAction } from '../run.js';
import { ActiveRuns } from './active-runs.js';
import type { OnEnd, Pool } from './pool.js';

/**
 * Runs tasks on the event loop of this process: concurrency is the number of tasks in flight. A task that never waits
 * (plain computation) blocks all others; a task can be asked to end, by its signal, but not be forced.
 */
export class AsyncPool implements Pool {
  private readonly runs = new ActiveRuns();
  readonly childNames: readonly string[] = [];
  /** Tasks in flight. */
  readonly active: readonly Run[] = this.runs.all;

  /**
   * @param slots most tasks in flight
   * @param options `fixed`: their number can not be changed
   */
  constructor(
    private slots: number,
    private readonly options: { readonly fixed?: boolean } = {},
  ) {}

  get size(): number {
    return this.slots;
  }

  /** Whether one more may begin. */
  get free(): boolean {
    return this.active.length < this.slots;
  }

  get room(): number {
    return Math.max(0, this.slots - this.active.length);
  }

  /** There is nothing to wait for. */
  async start(): Promise<void> {}

  /**
   * Begins a run. `onEnd` is told its outcome, in this turn if the task does not wait for anything.
   *
   * @param action calls the task; may give a promise, and may throw anything
   */
  begin(run: Run, action: RunAction, onEnd: OnEnd): void {
    let promise: Promise<unknown>;
    try {
      const value = action(run);
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
    this.runs.add(run);
    promise.then(
      (result) => this.end(run, { kind: 'succeeded', value: result }, onEnd),
      (thrown: unknown) => this.end(run, outcomeOfThrown(thrown), onEnd),
    );
  }

  /** Nothing can end code that shares our event loop. */
  kill(): boolean {
    return false;
  }

  wanted(): void {}

  resize(by: number): number {
    if (this.options.fixed === true) return 0;
    const before = this.slots;
    this.slots = Math.max(1, before + by);
    return this.slots - before;
  }

  /** Resolves when nothing runs. */
  async drained(): Promise<void> {
    await this.runs.drained();
  }

  /** It keeps nothing beside its runs. */
  async stop(): Promise<void> {}

  letGo(run: Run): void {
    run.letGo = true;
    this.runs.remove(run);
    this.runs.settle();
  }

  private end(run: Run, outcome: Outcome, onEnd: OnEnd): void {
    if (run.letGo) return;
    this.runs.remove(run);
    onEnd(run, outcome);
    this.runs.settle();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
