import type { TaskOptions } from '@lovage/core';
import type { StandardSchema } from './standard-schema.js';

/** What `@Task()` takes: the options of a task, and how the method is bound to it. */
export interface TaskDecoratorOptions extends TaskOptions {
  /** Name on the wire; unique within its app. Default: `ClassName.methodName`, of the class that is provided. */
  readonly name?: string | undefined;
  /** The method takes the `TaskContext` as its first parameter, before the arguments. Default false. */
  readonly bind?: boolean | undefined;
  /**
   * Names of the parameters (the context not among them), so that keyword arguments of Python callers find their places; a
   * `?` behind a name marks it optional, and what follows it. Default: names are not known, keyword arguments become one
   * last object argument.
   */
  readonly params?: readonly string[] | undefined;
  /**
   * Standard Schema of the first argument, or one for each argument. Checked at the sender and at the worker; the method
   * gets what the schema gives.
   */
  readonly input?: StandardSchema | readonly StandardSchema[] | undefined;
  /** Name of the task app that the task belongs to. Default: `default`. */
  readonly app?: string | undefined;
}
