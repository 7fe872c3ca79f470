import { isPlainNumber } from './json-plain.js';

/** A value that JSON writes exactly and that nobody can change. */
export type PlainPrimitive = string | number | boolean | null;

export function isPlainPrimitive(value: unknown): value is PlainPrimitive {
  if (typeof value === 'number') return isPlainNumber(value);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}
