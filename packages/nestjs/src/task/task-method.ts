import type { Type } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { readPeriodicMetadata } from '../periodic/periodic-metadata.js';
import type { TaskDecoratorOptions } from './task-decorator-options.js';
import { readTaskMetadata } from './task-metadata.js';

/** The app of tasks that name none. */
export const defaultAppName = 'default';

/** Any class, also an abstract one. */
export type TaskClass<T = unknown> = abstract new (...args: never[]) => T;

/** A method with `@Task()`, as one class has it. */
export interface TaskMethod {
  readonly taskClass: TaskClass;
  readonly methodName: string;
  /** The prototype that has the method: of the class, or of one that it extends. */
  readonly owner: object;
  readonly method: (...args: unknown[]) => unknown;
  /** As they were given; not validated. */
  readonly options: TaskDecoratorOptions;
  /** Name on the wire. */
  readonly name: string;
  /** Name of the app that the task belongs to. */
  readonly app: string;
  /** For errors: `MathTasks.add`. */
  readonly source: string;
}

const scanner = new MetadataScanner();

/** Methods with `@Task()` of a class and of those that it extends, in the order of their definition. */
export function taskMethodsOf(taskClass: TaskClass): readonly TaskMethod[] {
  return methodNamesOf(taskClass).flatMap((methodName) => taskMethodOf(taskClass, methodName) ?? []);
}

/** The method as a task; `undefined` when there is no such method, or it has neither `@Task()` nor `@Periodic()`. */
export function taskMethodOf(taskClass: TaskClass, methodName: string): TaskMethod | undefined {
  const owner = ownerOf(prototypeOf(taskClass), methodName);
  if (owner === undefined) return undefined;
  // `@Periodic()` alone makes a task, too.
  const options =
    readTaskMetadata(owner, methodName) ??
    (readPeriodicMetadata(owner, methodName).length > 0 ? {} : undefined);
  if (options === undefined) return undefined;
  const source = `${taskClass.name}.${methodName}`;
  return {
    taskClass,
    methodName,
    owner,
    // reason: only methods have task metadata.
    method: (owner as Record<string, unknown>)[methodName] as TaskMethod['method'],
    options,
    name: options.name ?? source,
    app: options.app ?? defaultAppName,
    source,
  };
}

/** Names of all methods of a class and of those that it extends. */
export function methodNamesOf(taskClass: TaskClass): readonly string[] {
  return scanner.getAllMethodNames(prototypeOf(taskClass));
}

function prototypeOf(taskClass: TaskClass): object {
  return (taskClass as Type).prototype as object;
}

function ownerOf(prototype: object, methodName: string): object | undefined {
  for (let owner: object | null = prototype; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, methodName)) return owner;
  }
  return undefined;
}
