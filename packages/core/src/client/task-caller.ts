import type { CallOptions } from '../task/task-options.js';
import type { Signature, SignatureOptions } from './canvas/signature.js';
import type { Missing, Suffix } from './canvas/signature-types.js';
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
  /**
   * A signature with the last (or all) of its arguments: those that are left out come first when it is sent, as the value of the step
   * before it in a chain does. `add.s(2, 2)`, `add.s(4)`.
   */
  s<const Given extends Suffix<Args>>(...args: Given): Signature<Value, Missing<Args, Given>>;
  /** A signature with all of its arguments, which does not take the value of what comes before it. */
  si(...args: Args): Signature<Value>;
  /** A signature with options: `add.signature([2, 2], { countdown: 10 })`. */
  signature<const Given extends Suffix<Args>>(
    args: Given,
    options?: SignatureOptions,
  ): Signature<Value, Missing<Args, Given>>;
}
