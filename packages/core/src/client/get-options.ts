import type { Duration } from '../clock/duration.js';

export interface GetOptions {
  /** Longest wait. Default: none, as in Celery. */
  readonly timeout?: Duration | undefined;
  /** Ends the wait; `get` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
