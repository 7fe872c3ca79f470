import type { TaskContext } from '@lovage/core';
import type { ArgumentsHost } from '@nestjs/common';
import { NOT_TASK_CONTEXT } from '../errors/nest-errors.js';

/** What `ExecutionContext.getType()` gives while a task runs. */
export const taskContextType = 'task';

/**
 * Reads the `ExecutionContext` of guards and interceptors, and the `ArgumentsHost` of filters, where a task runs.
 * `getArgs()` of such a context is `[arguments of the task, TaskContext]`, so `switchToRpc()` finds data and context, too.
 *
 * ```ts
 * canActivate(context: ExecutionContext) {
 *   if (context.getType<string>() !== 'task') return true;
 *   const { task, args } = TaskExecutionContext.of(context);
 *   return task.headers['tenant'] !== undefined;
 * }
 * ```
 */
export class TaskExecutionContext {
  private constructor(
    /** Arguments of the task as they came, checked; pipes of the method have not seen them yet. */
    readonly args: readonly unknown[],
    readonly task: TaskContext,
  ) {}

  /** @throws LOVAGE_NOT_TASK_CONTEXT when it is no task that runs: ask `getType()` first */
  static of(host: ArgumentsHost): TaskExecutionContext {
    const contextType = host.getType<string>();
    if (contextType !== taskContextType) throw NOT_TASK_CONTEXT.create({ contextType });
    const [args, task] = host.getArgs<[readonly unknown[], TaskContext]>();
    return new TaskExecutionContext(args, task);
  }
}

/**
 * The context of the task that a guard, interceptor or filter is asked about.
 *
 * @throws LOVAGE_NOT_TASK_CONTEXT when it is no task that runs
 */
export function getTaskContext(host: ArgumentsHost): TaskContext {
  return TaskExecutionContext.of(host).task;
}
