import { Inject } from '@nestjs/common';
import type { TaskClass } from '../task/task-method.js';
import { injectedTasks } from './injected-tasks.js';

/**
 * Injects the tasks of a class as `Tasks<Class>`, to be called with `delay` and `applyAsync`. The class need not be a
 * provider of this process: then its tasks are only sent, and run where it is one.
 *
 * ```ts
 * constructor(@InjectTasks(MathTasks) private readonly math: Tasks<MathTasks>) {}
 * ```
 *
 * @param app name of the task app that the calls go to; default: the one that each task names
 */
export function InjectTasks(taskClass: TaskClass, app?: string): ParameterDecorator & PropertyDecorator {
  const request = injectedTasks.request(taskClass, app);
  const inject = Inject(request.token);
  return (target: object, key: string | symbol | undefined, index?: number) => {
    request.consumers.add(typeof target === 'function' ? target : target.constructor);
    // reason: Nest's declaration wants a number; for a property there is none, and it looks.
    inject(target, key, index as number);
  };
}

/**
 * The token behind `@InjectTasks(Class)`: for `inject` of a factory provider, and to provide a substitute in tests.
 *
 * @param app as given to `@InjectTasks`
 */
export function getTasksToken(taskClass: TaskClass, app?: string): symbol {
  return injectedTasks.request(taskClass, app).token;
}
