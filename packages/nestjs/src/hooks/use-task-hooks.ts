import type { TaskHooks } from '@lovage/core';
import type { Type } from '@nestjs/common';

/** Text keys, so that two copies of this package in one process understand each other. */
const ofTasks = 'lovage:task-hooks';
const ofAll = 'lovage:global-task-hooks';

/** A provider with hooks. */
export type TaskHooksClass = Type<TaskHooks>;

/**
 * Has hooks called around the runs of a task, or of all tasks of a class: each class is a provider of the application and
 * implements some methods of {@link TaskHooks}. Those of the class come before those of the method.
 *
 * ```ts
 * @Task({ name: 'invoice.send' })
 * @UseTaskHooks(AuditHooks)
 * async send(id: number) { … }
 * ```
 */
export function UseTaskHooks(...classes: readonly TaskHooksClass[]): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol) => {
    if (method === undefined) Reflect.defineMetadata(ofTasks, classes, target);
    else Reflect.defineMetadata(ofTasks, classes, target, method);
  };
}

/** Has the hooks of a provider called around the runs of all tasks. @param app name of the task app; default `default` */
export function GlobalTaskHooks(app = 'default'): (target: TaskHooksClass) => void {
  return (target) => Reflect.defineMetadata(ofAll, app, target);
}

/** Classes of hooks of a task method: those of its class first. @param owner the prototype that has the method as its own */
export function taskHooksOf(taskClass: object, owner: object, method: string): readonly TaskHooksClass[] {
  return [
    ...classesIn(Reflect.getMetadata(ofTasks, taskClass)),
    ...classesIn(Reflect.getOwnMetadata(ofTasks, owner, method)),
  ];
}

/** The app for whose tasks a class has hooks; `undefined`: it has none for all. */
export function globalHooksOf(target: object): string | undefined {
  const app: unknown = Reflect.getOwnMetadata(ofAll, target);
  return typeof app === 'string' ? app : undefined;
}

// reason: metadata is untyped; only the decorator writes this key.
const classesIn = (value: unknown): readonly TaskHooksClass[] =>
  Array.isArray(value) ? (value as readonly TaskHooksClass[]) : [];
