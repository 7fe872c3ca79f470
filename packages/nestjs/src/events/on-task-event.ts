import type { LovageEvent } from '@lovage/core';

/** A text key, so that two copies of this package in one process understand each other. */
const metadataKey = 'lovage:on-task-event';

export type TaskEventType = LovageEvent['type'];

/** What `@OnTaskEvent()` keeps of a method. */
export interface TaskEventListenerOptions {
  /** Empty: all. */
  readonly types: readonly TaskEventType[];
  readonly app: string;
}

/** Decorates a method that takes the events of these types. */
export type OnTaskEventDecorator<Type extends TaskEventType> = <
  M extends (event: Extract<LovageEvent, { readonly type: Type }>) => unknown,
>(
  target: object,
  method: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Has a method of a provider told what happens to tasks and workers **in this process**. What it throws is logged, and changes
 * nothing; a promise is not waited for.
 *
 * ```ts
 * @OnTaskEvent('task-failed')
 * onFailed({ taskName, error }: Extract<LovageEvent, { type: 'task-failed' }>) { … }
 * ```
 *
 * @param types one or several; none: all
 * @param options `app`: name of the task app; default `default`
 */
export function OnTaskEvent<const Type extends TaskEventType = TaskEventType>(
  types: Type | readonly Type[] = [],
  { app = 'default' }: { readonly app?: string } = {},
): OnTaskEventDecorator<Type> {
  const options: TaskEventListenerOptions = { types: typeof types === 'string' ? [types] : types, app };
  return (target, method) => Reflect.defineMetadata(metadataKey, options, target, method);
}

/** @param owner the prototype that has the method as its own */
export function taskEventListenerOf(owner: object, method: string): TaskEventListenerOptions | undefined {
  // reason: metadata is untyped; only the decorator writes this key.
  return Reflect.getOwnMetadata(metadataKey, owner, method) as TaskEventListenerOptions | undefined;
}
