import type { TaskContext } from '@lovage/core';
import type { TakesContext, TaskFunction } from '../callers/tasks.js';
import type { TaskDecoratorOptions } from './task-decorator-options.js';
import { writeTaskMetadata } from './task-metadata.js';

/** Why a method does not fit `@Task()`; shows up in the compiler's message. */
interface ContextNeedsBind {
  readonly 'a method whose first parameter is a TaskContext needs @Task({ bind: true })': never;
}

/** Decorates a method whose parameters are the task's arguments. */
export type TaskDecorator = <M extends TaskFunction>(
  target: object,
  method: string,
  descriptor: TypedPropertyDescriptor<M> & (TakesContext<M> extends true ? ContextNeedsBind : unknown),
) => void;

/** Decorates a method that takes the context before the task's arguments. */
export type BoundTaskDecorator = <M extends (context: TaskContext, ...args: never[]) => unknown>(
  target: object,
  method: string,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Makes a method of a provider a task: a unit of work that is sent by its name and runs in a worker.
 *
 * ```ts
 * @Injectable()
 * export class MathTasks {
 *   @Task({ name: 'math.add' })
 *   add(x: number, y: number) { return x + y; }
 *
 *   @Task({ bind: true, maxRetries: 5 })
 *   async fetch(task: TaskContext, url: string) { … }
 * }
 * ```
 *
 * The provider may have any scope: of a request scoped, durable or transient one an instance is made for each run.
 * Controllers can not have tasks. Takes options, or the task's name alone; options are validated when the application
 * starts.
 */
export function Task(name: string): TaskDecorator;
export function Task(options: TaskDecoratorOptions & { readonly bind: true }): BoundTaskDecorator;
export function Task(options?: TaskDecoratorOptions & { readonly bind?: false | undefined }): TaskDecorator;
export function Task(options: TaskDecoratorOptions | string = {}): (target: object, method: string) => void {
  return (target, method) =>
    writeTaskMetadata(target, method, typeof options === 'string' ? { name: options } : options);
}
