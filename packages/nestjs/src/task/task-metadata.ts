import { TASK_DEFINITION_INVALID } from '@lovage/core';
import type { TaskDecoratorOptions } from './task-decorator-options.js';

/** A text key, so that two copies of this package in one process understand each other. */
const metadataKey = 'lovage:task';

/**
 * Keeps the options of a task method at its class.
 *
 * @throws LOVAGE_TASK_DEFINITION_INVALID for what can not be a task: a static method, or one with a symbol for a name
 */
export function writeTaskMetadata(
  target: object,
  method: string | symbol,
  options: TaskDecoratorOptions,
): void {
  refuseNoMethod(target, method);
  Reflect.defineMetadata(metadataKey, options, target, method);
}

/** @throws LOVAGE_TASK_DEFINITION_INVALID for what can not be a task */
export function refuseNoMethod(target: object, method: string | symbol): void {
  if (typeof method === 'symbol') {
    throw TASK_DEFINITION_INVALID.create({
      taskName: String(method),
      problem: 'a method whose name is a symbol can not be a task',
    });
  }
  if (typeof target === 'function') {
    throw TASK_DEFINITION_INVALID.create({
      taskName: `${target.name}.${method}`,
      problem:
        'a static method can not be a task, since it belongs to no provider; make it a method of the instance',
    });
  }
}

/**
 * The options that `@Task()` gave to a method. A method that overrides a task is a new method: it is a task only if it
 * has `@Task()` itself, as it has only its own guards.
 *
 * @param owner the prototype that has the method as its own
 */
export function readTaskMetadata(owner: object, method: string): TaskDecoratorOptions | undefined {
  // reason: metadata is untyped; only `writeTaskMetadata` writes this key.
  return Reflect.getOwnMetadata(metadataKey, owner, method) as TaskDecoratorOptions | undefined;
}
