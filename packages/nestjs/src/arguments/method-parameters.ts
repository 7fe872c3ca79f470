import { type ParameterList, parameterList, TASK_DEFINITION_INVALID } from '@lovage/core';
import type { StandardSchema } from '../task/standard-schema.js';
import type { TaskDecoratorOptions } from '../task/task-decorator-options.js';
import type { TaskMethod } from '../task/task-method.js';

/** What is known of the parameters of a task's method, the context of a bound task not among them. */
export interface MethodParameters {
  readonly list: ParameterList;
  /** Classes of the parameters as the compiler wrote them down; `undefined` where it wrote nothing useful. */
  readonly types: readonly (ParameterType | undefined)[];
}

/** A class, or a function such as `String` that stands for a primitive. */
export type ParameterType = new (...args: never[]) => unknown;

/** Stands in the message on an argument that is missing, since `y?: number` looks like any other parameter at run time. */
const optionalHint =
  "a parameter may be left out when it has a default value, or when it is named as optional: @Task({ params: ['x', 'y?'] })";

/**
 * Reads the parameters of a method: from `params`, from what decorators' metadata says (`emitDecoratorMetadata`), and
 * from the number of parameters before the first one with a default value.
 *
 * @throws LOVAGE_TASK_DEFINITION_INVALID when `params` makes no sense, or does not fit the method
 */
export function methodParameters(task: TaskMethod): MethodParameters {
  const skip = task.options.bind === true ? 1 : 0;
  const declared = Math.max(0, task.method.length - skip);
  const emitted = emittedTypes(task)?.slice(skip);
  const types = (emitted ?? []).map((type, index) => {
    // A rest parameter is written down as Array by some compilers and as the type of its elements by others.
    const mayBeRest = type === Array && index >= declared && index === (emitted?.length ?? 0) - 1;
    return typeof type === 'function' && type !== Object && !mayBeRest ? (type as ParameterType) : undefined;
  });
  // As many types as counted parameters: nothing with a default value and no rest parameter hides behind them.
  const max = emitted?.length === declared ? declared : undefined;
  const { params } = task.options;
  if (params !== undefined) {
    const list = parameterList(task.name, params);
    if (params.length < declared || params.length > (max ?? params.length))
      throw misnamed(task, params.length, declared);
    return { list, types };
  }
  // A schema decides on its own whether its argument may be missing.
  const required = declared > schemasOf(task.options.input).length ? declared : 0;
  return { list: { required, max, hint: optionalHint }, types };
}

/** Schemas by position; one alone is that of the first argument. Schemas of some vendors are functions. */
export function schemasOf(input: TaskDecoratorOptions['input']): readonly StandardSchema[] {
  if (input === undefined) return [];
  return Array.isArray(input) ? (input as readonly StandardSchema[]) : [input as StandardSchema];
}

/** With names missing or left over, no call could ever fit. */
function misnamed({ name, source, options }: TaskMethod, named: number, declared: number): Error {
  const context = options.bind === true ? ' (the context is not named)' : '';
  return TASK_DEFINITION_INVALID.create({
    taskName: name,
    problem: `"params" names ${named} parameter${named === 1 ? '' : 's'}, but ${source} takes ${declared}${context}`,
  });
}

function emittedTypes({ owner, methodName }: TaskMethod): readonly unknown[] | undefined {
  // reason: metadata is untyped; the compiler writes an array of constructors under this key.
  return Reflect.getOwnMetadata('design:paramtypes', owner, methodName) as readonly unknown[] | undefined;
}
