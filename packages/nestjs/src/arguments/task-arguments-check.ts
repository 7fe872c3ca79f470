import { type ParameterList, TASK_DEFINITION_INVALID, type TaskDefinition } from '@lovage/core';
import type { TaskMethod } from '../task/task-method.js';
import type { ArgumentCheck } from './argument-check.js';
import { dtoCheck } from './dto-check.js';
import { type DtoLibrary, loadDtoLibrary } from './dto-library.js';
import { methodParameters, type ParameterType, schemasOf } from './method-parameters.js';
import { isBuiltIn, primitiveCheck } from './primitive-check.js';
import { schemaCheck } from './schema-check.js';
import { validateArguments } from './validate-arguments.js';

/** What is checked of the arguments of a task. */
export interface TaskArgumentsCheck {
  readonly parameters: ParameterList;
  readonly validate: TaskDefinition['validate'];
}

/**
 * Puts together the checks of a task's arguments: a schema where `input` has one, else what the type of the parameter says.
 *
 * @throws LOVAGE_TASK_DEFINITION_INVALID when `params` or `input` does not fit the method
 */
export async function taskArgumentsCheck(task: TaskMethod): Promise<TaskArgumentsCheck> {
  const { list, types } = methodParameters(task);
  const schemas = schemasOf(task.options.input);
  if (list.max !== undefined && schemas.length > list.max) {
    throw TASK_DEFINITION_INVALID.create({
      taskName: task.name,
      problem: `"input" has ${schemas.length} schemas, but ${task.source} takes ${list.max} argument(s)`,
    });
  }
  const library = types.some(mayBeDto) ? await loadDtoLibrary() : undefined;
  const count = Math.max(types.length, schemas.length);
  const checks = Array.from({ length: count }, (_, index) => {
    const schema = schemas[index];
    return {
      name: list.names?.[index] ?? `argument ${index + 1}`,
      required: index < list.required,
      decidesOnMissing: schema !== undefined,
      check: schema === undefined ? typeCheck(types[index], library) : schemaCheck(schema),
    };
  });
  return { parameters: list, validate: validateArguments(task.name, checks) };
}

function typeCheck(
  type: ParameterType | undefined,
  library: DtoLibrary | undefined,
): ArgumentCheck | undefined {
  if (type === undefined) return undefined;
  if (library !== undefined && mayBeDto(type) && library.isDto(type)) return dtoCheck(type, library);
  return primitiveCheck(type);
}

function mayBeDto(type: ParameterType | undefined): type is ParameterType {
  return type !== undefined && !isBuiltIn(type);
}
