import type { ParameterList } from './parameter-list.js';
import type { TaskContext } from './task-context.js';
import type { TaskHooks } from './task-hooks.js';
import type { TaskOptions } from './task-options.js';

/** What a sender must know of a task: its name, its options, and which arguments fit. */
export interface KnownTask {
  /** Unique within an app; 1 to 255 characters. */
  readonly name: string;
  readonly options: TaskOptions;
  /** What is known of the parameters; absent: any arguments are passed as they come. */
  readonly parameters?: ParameterList | undefined;
  /**
   * Checks and converts arguments (DTOs, schemas), at the sender and again at the worker.
   *
   * @returns the arguments to use
   * @throws LOVAGE_ARGUMENTS_INVALID
   */
  readonly validate?:
    | ((args: readonly unknown[]) => readonly unknown[] | Promise<readonly unknown[]>)
    | undefined;
  /** Where it was defined, for errors: `MathTasks.add`. */
  readonly source: string;
}

/** A task as a worker keeps it: it can be run here. */
export interface TaskDefinition extends KnownTask {
  /**
   * Executes one run. `args` are complete: checked, with keyword arguments in place, and without the context.
   * What it throws fails the task, or signals an outcome (`Retry`, `Ignore`, `Reject`).
   */
  readonly run: (args: readonly unknown[], context: TaskContext) => unknown;
  /** Called around each run, in this order; after those of all tasks. */
  readonly hooks?: readonly TaskHooks[] | undefined;
}
