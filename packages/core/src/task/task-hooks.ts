import type { TaskContext } from './task-context.js';

/** How a run has ended, as `afterReturn` is told. */
export type TaskEnd =
  | { readonly state: 'SUCCESS'; readonly value: unknown }
  | { readonly state: 'FAILURE' | 'RETRY'; readonly error: unknown }
  | { readonly state: 'IGNORED' | 'REJECTED' | 'REVOKED' };

/**
 * What is called around the runs of a task, in its worker and in its slot: Celery's handlers of the same names. Each may give a
 * promise, which is waited for. What a hook throws is reported (LOVAGE_HOOK_FAILED) and changes nothing. The message is
 * settled after them, so a worker that dies in a hook repeats the run.
 */
export interface TaskHooks {
  /** Before each run. */
  beforeStart?(task: TaskContext): unknown;
  onSuccess?(value: unknown, task: TaskContext): unknown;
  /** It has failed for good. */
  onFailure?(error: unknown, task: TaskContext): unknown;
  /** It will be run again. */
  onRetry?(error: unknown, task: TaskContext): unknown;
  /** After each run, however it ended; the last of all. */
  afterReturn?(end: TaskEnd, task: TaskContext): unknown;
}
