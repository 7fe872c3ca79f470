import type { TaskCaller, TaskContext } from '@lovage/core';
import type { Observable } from 'rxjs';

/** Any method. */
export type TaskFunction = (...args: never[]) => unknown;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether the first parameter of a method is the context of a bound task. */
export type TakesContext<M extends TaskFunction> =
  Parameters<M> extends readonly [infer First, ...unknown[]]
    ? IsAny<First> extends true
      ? false
      : [First] extends [never]
        ? false
        : [First] extends [TaskContext]
          ? true
          : false
    : false;

/** The arguments of a task: the parameters of its method, without the context of a bound one. */
export type TaskArguments<M extends TaskFunction> =
  TakesContext<M> extends true
    ? Parameters<M> extends readonly [unknown, ...infer Rest]
      ? Rest
      : never
    : Parameters<M>;

/** The value of a task: what its method returns, with promises and observables unwrapped. */
export type TaskValue<M extends TaskFunction> =
  Awaited<ReturnType<M>> extends Observable<infer Value> ? Value : Awaited<ReturnType<M>>;

/** Names of the methods of a class. */
export type TaskMethodNames<Class> = {
  [Name in keyof Class]: Class[Name] extends TaskFunction ? Name : never;
}[keyof Class] &
  string;

/**
 * The tasks of a class as their callers see them: each method becomes something to `delay`, with the types of its
 * arguments and of its value. What is no method is not offered. Types can not tell which methods have `@Task()`; calling
 * one that has not fails with LOVAGE_NOT_A_TASK.
 */
export type Tasks<Class> = {
  readonly [Name in TaskMethodNames<Class>]: Class[Name] extends TaskFunction
    ? TaskCaller<TaskArguments<Class[Name]>, TaskValue<Class[Name]>>
    : never;
};
