import type { TaskCaller, TaskClient } from '@lovage/core';
import { NOT_A_TASK } from '../errors/nest-errors.js';
import { methodNamesOf, type TaskClass, taskMethodOf } from '../task/task-method.js';
import type { Tasks } from './tasks.js';

type AnyTaskCaller = TaskCaller<readonly unknown[], unknown>;

/** Finds the client of an app by its name. */
export type ClientOf = (app: string) => TaskClient;

/**
 * Makes the callers of a class's tasks. A client is looked up when a task is first touched.
 *
 * @param app the app that all calls go to; `undefined`: the one that each task names
 */
export function makeTasks<T>(taskClass: TaskClass<T>, clientOf: ClientOf, app?: string): Tasks<T> {
  const tasks: object = Object.create(null) as object;
  for (const methodName of methodNamesOf(taskClass)) {
    const method = taskMethodOf(taskClass, methodName);
    let caller: AnyTaskCaller | undefined;
    Object.defineProperty(tasks, methodName, {
      enumerable: method !== undefined,
      get: () => {
        caller ??=
          method === undefined
            ? noTask(`${taskClass.name}.${methodName}`)
            : clientOf(app ?? method.app).caller(method.name);
        return caller;
      },
    });
  }
  // reason: the mapped type says what the loop above makes; it can not be built up property by property.
  return tasks as Tasks<T>;
}

/**
 * The tasks of a class over a client that you have: what `@InjectTasks` injects, for code that is no provider.
 *
 * ```ts
 * const math = tasksOf(MathTasks, app.get(TaskClient));
 * await math.add.delay(2, 3);
 * ```
 */
export function tasksOf<T>(taskClass: TaskClass<T>, client: TaskClient): Tasks<T> {
  return makeTasks(taskClass, () => client);
}

/** Stands for a method without `@Task()`. It fails when it is called and not when it is looked at: Nest looks for hooks. */
function noTask(source: string): AnyTaskCaller {
  const refuse = async (): Promise<never> => await Promise.reject(NOT_A_TASK.create({ source }));
  const refuseNow = (): never => {
    throw NOT_A_TASK.create({ source });
  };
  return {
    name: source,
    delay: refuse,
    applyAsync: refuse,
    s: refuseNow,
    si: refuseNow,
    signature: refuseNow,
  };
}
