import type { ArgumentProblem } from '@lovage/core';
import type { ValidationError } from 'class-validator';
import type { ArgumentCheck } from './argument-check.js';
import type { DtoLibrary } from './dto-library.js';
import type { ParameterType } from './method-parameters.js';
import { kindOf } from './primitive-check.js';

/**
 * The check for a parameter that is a class-validator DTO. A plain object becomes an instance, so that the method gets
 * one; an instance is taken as it is.
 */
export function dtoCheck(type: ParameterType, library: DtoLibrary): ArgumentCheck {
  return async (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return {
        problems: [{ argument: name, problem: `expected an object for ${type.name}, got ${kindOf(value)}` }],
      };
    }
    const instance = value instanceof type ? value : library.plainToInstance(type, value);
    const errors = await library.validate(instance as object);
    return errors.length === 0
      ? { value: instance }
      : { problems: errors.flatMap((error) => problemsOf(error, name)) };
  };
}

function problemsOf(
  { property, constraints, children }: ValidationError,
  path: string,
): readonly ArgumentProblem[] {
  // class-validator gives no property for an object that it knows nothing of.
  const argument = property === undefined ? path : `${path}.${property}`;
  return [
    ...Object.values(constraints ?? {}).map((problem) => ({ argument, problem })),
    ...(children ?? []).flatMap((child) => problemsOf(child, argument)),
  ];
}
