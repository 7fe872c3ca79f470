import type { Deadline } from '../../clock/deadline.js';
import type { Outcome } from '../outcome.js';
import type { Run, RunAction } from '../run.js';

/** Told how a run ended; exactly once for each run that was begun. */
export type OnEnd = (run: Run, outcome: Outcome) => void;

/** How a worker executes: where the code of tasks runs, and how many at once. */
export interface Pool {
  /** Most tasks in flight. */
  readonly size: number;
  /** Whether one more may begin. */
  readonly free: boolean;
  /** How many more may begin. */
  readonly room: number;
  /** Threads or processes, by their names (`thread 3`, `process 4711`); none where tasks run in this one. */
  readonly childNames: readonly string[];
  /** Runs in flight, in no order. */
  readonly active: readonly Run[];
  /**
   * Resolves when runs can begin: with children, when each has made its application.
   *
   * @param stopRequested when aborted it resolves at once
   * @throws LOVAGE_POOL_CHILD_UNFIT when a child can not make it
   */
  start(stopRequested: AbortSignal): Promise<void>;
  /**
   * Begins a run; only called while `free`. `onEnd` is told its outcome, possibly before this returns.
   *
   * @param action calls the task in this process; may give a promise, and may throw anything. A pool that executes elsewhere
   *   does not call it.
   */
  begin(run: Run, action: RunAction, onEnd: OnEnd): void;
  /**
   * Ends a run for certain, whatever its code does: its child is killed and replaced. When that is gone `onEnd` is told
   * `outcome`; other runs of the child end as `released`.
   *
   * @returns false where the pool can not: a run on the event loop of this process can only be asked to end
   */
  kill(run: Run, outcome: Outcome): boolean;
  /**
   * Takes a run that it can not kill out of its slot: the code may go on, but `onEnd` is not told any more. Only called after
   * `kill` has given false.
   */
  letGo(run: Run): void;
  /** Told after runs could not begin how many wait: a pool that grows by itself does so now. */
  wanted(waiting: number): void;
  /**
   * Adds slots (with children: children), or takes some away as they become free; at least one stays.
   *
   * @returns by how much `size` has changed
   */
  resize(by: number): number;
  /** Resolves when nothing runs. */
  drained(): Promise<void>;
  /** Ends what the pool keeps beside its runs (threads, processes), and with it the runs that are left. Stopping twice is legal. */
  stop(deadline: Deadline): Promise<void>;
}
