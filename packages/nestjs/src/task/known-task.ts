import type { KnownTask, TaskOptions } from '@lovage/core';
import { taskArgumentsCheck } from '../arguments/task-arguments-check.js';
import { checkTaskOptions } from './check-task-options.js';
import type { TaskMethod } from './task-method.js';

/**
 * What senders and workers must know of a task method, its options validated.
 *
 * @param source for errors: where the method is
 * @throws LOVAGE_OPTION_INVALID, LOVAGE_TASK_DEFINITION_INVALID
 */
export async function knownTask(task: TaskMethod, source: string = task.source): Promise<KnownTask> {
  checkTaskOptions(task.source, task.options);
  const { parameters, validate } = await taskArgumentsCheck(task);
  return { name: task.name, options: optionsOf(task), parameters, validate, source };
}

/** The options that core knows, without those that bind the method. */
function optionsOf({ options }: TaskMethod): TaskOptions {
  const { name: _name, bind: _bind, params: _params, input: _input, app: _app, ...taskOptions } = options;
  return taskOptions;
}
