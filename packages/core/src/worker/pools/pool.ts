import type { Deadline } from '../../clock/deadline.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';

/** Told how a run ended; exactly once for each run that was begun. */
export type OnEnd = (run: Run, outcome: Outcome) => void;

/** How a worker executes: where the code of tasks runs, and how many at once. */
export interface Pool {
  /** Most tasks in flight. */
  readonly size: number;
  /** Whether one more may begin. */
  readonly free: boolean;
  /** Runs in flight, in no order. */
  readonly active: readonly Run[];
  /**
   * Begins a run; only called while `free`. `onEnd` is told its outcome, possibly before this returns.
   *
   * @param action calls the task in this process; may give a promise, and may throw anything. A pool that executes elsewhere
   *   does not call it.
   */
  begin(run: Run, action: () => unknown, onEnd: OnEnd): void;
  /** Resolves when nothing runs. */
  drained(): Promise<void>;
  /** Ends what the pool keeps beside its runs (threads, processes). Stopping twice is legal. */
  stop(deadline: Deadline): Promise<void>;
}
