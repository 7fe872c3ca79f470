import type { Duration } from '../../clock/duration.js';

/**
 * Makes the key of a call from its arguments: calls with the same key count together.
 *
 * @param args positional arguments, as they travel
 * @param kwargs keyword arguments
 * @returns text of any length; long ones are kept as their hash
 */
// reason: the arguments are those of the task that the option belongs to; its author knows their types.
// oxlint-disable-next-line no-explicit-any
export type FlowKey = (args: readonly any[], kwargs: Readonly<Record<string, any>>) => string | number;

/** Tasks in a time: `'10/m'`, `'0.5/s'`, `'100/h'`, `'1000/d'`, or a number a second, as in Celery. 0: no limit. */
export type Rate = number | string;

/** How often tasks may begin. */
export interface RateLimitOptions {
  readonly limit: Rate;
  /** One limit for all workers together, kept in the ledger. Default false: each worker has its own, as in Celery. */
  readonly shared?: boolean | undefined;
  /** A limit for each key. Default: one for the task. */
  readonly by?: FlowKey | undefined;
  /**
   * So many may begin at once after a pause; `limit` holds for what follows. 1 to 1,000,000; default 1, as in Celery: with it
   * tasks begin evenly, and no span of time sees more than its share.
   */
  readonly burst?: number | undefined;
  /** Run the task when the ledger can not be asked, instead of letting it wait. Default false. */
  readonly failOpen?: boolean | undefined;
}

/** How many run at once, over all workers. */
export interface ConcurrencyLimitOptions {
  /** 1 to 1,000. */
  readonly limit: number;
  /** A limit for each key. Default: one for the task. */
  readonly by?: FlowKey | undefined;
  /** Run the task when the ledger can not be asked, instead of letting it wait. Default false. */
  readonly failOpen?: boolean | undefined;
}

/**
 * At most one task of a key.
 *
 * | `while` | from | until | `onConflict` |
 * |---|---|---|---|
 * | `queued` | it is sent | it begins | `return-existing` (default), `reject`, `replace` |
 * | `running` | it begins | it ends | `wait` (default), `reject` |
 * | `both` (default) | it is sent | it ends | `return-existing` (default), `reject`, `replace` |
 */
export interface UniqueOptions {
  /** Default: all arguments. */
  readonly by?: FlowKey | undefined;
  readonly while?: 'queued' | 'running' | 'both' | undefined;
  /**
   * What becomes of a second one.
   *
   * - `return-existing`: nothing is sent, the caller gets the result of the first
   * - `reject`: nothing is sent, the caller gets LOVAGE_TASK_NOT_UNIQUE; with `while: 'running'` the task fails with it
   * - `replace`: it is sent, and the first is revoked if it has not begun
   * - `wait`: it runs when the first has ended
   */
  readonly onConflict?: 'return-existing' | 'reject' | 'replace' | 'wait' | undefined;
  /**
   * How long a task that never comes up (its queue was purged) may block its key. Renewed while the task runs. Longer than tasks wait
   * in the queue: after it a second one is taken. Default 1 hour, plus the countdown of the call.
   */
  readonly ttl?: Duration | undefined;
  /** Send and run the task when the ledger can not be asked. Default false: sending fails, running waits. */
  readonly failOpen?: boolean | undefined;
}

/** Of calls with one key only the last runs, when no other has come for a while. */
export interface DebounceOptions {
  /** The while. */
  readonly wait: Duration;
  /** Runs at the latest so long after the first call, however many follow. Default: without end. */
  readonly maxWait?: Duration | undefined;
  /** Default: all arguments. */
  readonly by?: FlowKey | undefined;
}

/** Flow control of a task; see docs/flow-control.md. */
export interface FlowOptions {
  /** How often it may begin: `'10/m'` for each worker, or options. Default: no limit. */
  readonly rateLimit?: Rate | RateLimitOptions | undefined;
  /** How many run at once over all workers. Default: no limit but the workers' concurrency. */
  readonly concurrencyLimit?: number | ConcurrencyLimitOptions | undefined;
  /** At most one of a kind; `true`: with all defaults. */
  readonly unique?: boolean | UniqueOptions | undefined;
  /** The last of several calls runs: the time to wait for more, or options. */
  readonly debounce?: Duration | DebounceOptions | undefined;
}
