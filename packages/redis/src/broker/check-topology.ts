import { CAPABILITY_MISSING, type Exchange, OPTION_INVALID } from '@lovage/core';
import { problemOfName } from '../keys.js';

/** @throws LOVAGE_CAPABILITY_MISSING for exchanges whose bindings kombu's sets have no place for */
export function checkTypes(exchanges: readonly Exchange[]): void {
  for (const { name, type } of exchanges) {
    if (type !== 'headers') continue;
    throw CAPABILITY_MISSING.create({
      driver: 'redis',
      capability: `headers exchanges (${name})`,
      instead: 'Use a topic exchange, or RabbitMQ.',
    });
  }
}

/** @throws LOVAGE_OPTION_INVALID for names that the wire has no place for */
export function checkNames(names: readonly string[]): void {
  const problems = names.flatMap((name) => {
    const problem = problemOfName(name);
    return problem === undefined
      ? []
      : [{ option: 'queue', expected: `a name that fits Redis (${problem})`, got: name }];
  });
  if (problems.length > 0) throw OPTION_INVALID.create({ problems });
}
