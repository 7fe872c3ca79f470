import type { ArgumentProblem } from '@lovage/core';
import type { SchemaIssue, SchemaOutcome, StandardSchema } from '../task/standard-schema.js';
import type { ArgumentCheck, Checked } from './argument-check.js';

/** The check that a Standard Schema makes. */
export function schemaCheck(schema: StandardSchema): ArgumentCheck {
  const { validate } = schema['~standard'];
  return (value, name) => {
    const outcome = validate(value);
    // A promise of ours, whatever kind of promise the schema's vendor has.
    if (isThenable(outcome)) return Promise.resolve(outcome).then((settled) => checked(settled, name));
    return checked(outcome, name);
  };
}

function isThenable(outcome: SchemaOutcome | Promise<SchemaOutcome>): outcome is Promise<SchemaOutcome> {
  return typeof (outcome as Partial<Promise<SchemaOutcome>>).then === 'function';
}

function checked(outcome: SchemaOutcome, name: string): Checked {
  return outcome.issues === undefined
    ? outcome
    : { problems: outcome.issues.map((issue) => problemOf(issue, name)) };
}

function problemOf({ message, path = [] }: SchemaIssue, name: string): ArgumentProblem {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return { argument: [name, ...keys].join('.'), problem: message };
}
