import type { CallOptions } from '../task/task-options.js';
import type { TaskResult } from './task-result.js';

/** Options of a call that passes its positional arguments apart. */
export interface ApplyOptions extends CallOptions {
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** A task as callers see it, typed: what its arguments are and what it returns. */
export interface TaskCaller<Args extends readonly unknown[], Value> {
  /** Task name. */
  readonly name: string;
  /** Sends it; resolves when the broker has taken it. */
  delay(...args: Args): Promise<TaskResult<Value>>;
  /** Sends it with options: `countdown`, `eta`, `expires`, `queue`, `priority`, … */
  applyAsync(args: Args, options?: ApplyOptions): Promise<TaskResult<Value>>;
}
