import { reprOfArgs } from '../../message/python-repr.js';
import { errorFromJson } from '../../message/remote-error.js';

/** A stored error as Python's `repr` shows the exception. */
export function reprOfError(result: unknown): string {
  const { type, args } = errorFromJson(result, undefined);
  const text = reprOfArgs(args);
  return `${type}${args.length === 1 ? text.replace(/,\)$/, ')') : text}`;
}
