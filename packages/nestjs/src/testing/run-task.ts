import { arrangeArguments, runInTask } from '@lovage/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { TaskArguments, TaskFunction, TaskMethodNames, TaskValue } from '../callers/tasks.js';
import { NOT_A_TASK } from '../errors/nest-errors.js';
import { TaskRegistrar } from '../task/task-registrar.js';
import type { TaskClass } from '../task/task-method.js';
import { type InlineContextOptions, inlineContext } from './inline-context.js';

type ArgumentsOf<T, Name extends keyof T> = T[Name] extends TaskFunction ? TaskArguments<T[Name]> : never;
type ValueOf<T, Name extends keyof T> = T[Name] extends TaskFunction ? TaskValue<T[Name]> : never;

/**
 * Runs a task of a provider here and now, as a worker would: arguments are checked, and guards, interceptors, pipes and
 * filters of the method run. There is no message and no result: what the task returns is returned, and what it throws is
 * thrown, `Retry`, `Ignore` and `Reject` among it.
 *
 * ```ts
 * expect(await runTask(moduleRef, MathTasks, 'add', [2, 3])).toBe(5);
 * ```
 *
 * @param app the application or the compiled testing module; it need not have been initialised
 * @throws LOVAGE_NOT_A_TASK when the method has no `@Task()`, or its class is no provider of the application
 */
export async function runTask<T, Name extends TaskMethodNames<T>>(
  app: Pick<INestApplicationContext, 'get'>,
  taskClass: TaskClass<T>,
  methodName: Name,
  args: ArgumentsOf<T, Name>,
  context?: InlineContextOptions,
): Promise<ValueOf<T, Name>> {
  const definition = app.get(TaskRegistrar, { strict: false }).definitionOf(taskClass, methodName);
  if (definition === undefined) throw NOT_A_TASK.create({ source: `${taskClass.name}.${methodName}` });
  const { name, parameters, validate, run } = definition;
  const arranged = arrangeArguments(name, parameters, args as readonly unknown[], {});
  const checked = (await validate?.(arranged)) ?? arranged;
  const running = { context: inlineContext(name, arranged, context), children: [] };
  // reason: what the method returns; `run` knows no types.
  return (await runInTask(running, () => run(checked, running.context))) as ValueOf<T, Name>;
}
