import { types } from 'node:util';
import type { ArgumentCheck, Checked } from './argument-check.js';
import type { ParameterType } from './method-parameters.js';

type Convert = (value: unknown) => Checked | undefined;

const keep =
  (holds: (value: unknown) => boolean): Convert =>
  (value) =>
    holds(value) ? { value } : undefined;

/** A date and time of ISO 8601, as Python's `isoformat()` and JavaScript's `toISOString()` write it. */
const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Python writes microseconds and, for UTC, often no zone at all. */
function dateOf(value: unknown): Checked | undefined {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? undefined : { value };
  if (typeof value !== 'string') return undefined;
  const match = isoTime.exec(value);
  if (match === null) return undefined;
  const text = value.replace(' ', 'T').replace(',', '.');
  const date = new Date(match[1] === undefined || match[4] !== undefined ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : { value: date };
}

/** Classes that decorators' metadata gives for parameters that are no classes of the application. */
const primitives = new Map<unknown, { readonly expected: string; readonly convert: Convert }>([
  [String, { expected: 'text', convert: keep((value) => typeof value === 'string') }],
  [Number, { expected: 'a number', convert: keep((value) => typeof value === 'number') }],
  [Boolean, { expected: 'true or false', convert: keep((value) => typeof value === 'boolean') }],
  [
    BigInt,
    {
      expected: 'an integer',
      convert: (value) =>
        typeof value === 'bigint'
          ? { value }
          : Number.isSafeInteger(value)
            ? { value: BigInt(Number(value)) }
            : undefined,
    },
  ],
  [Array, { expected: 'an array', convert: keep(Array.isArray) }],
  [Date, { expected: 'a date, or text such as "2026-01-31T12:00:00Z"', convert: dateOf }],
  [
    Buffer,
    {
      expected: 'bytes',
      convert: (value) =>
        Buffer.isBuffer(value)
          ? { value }
          : types.isUint8Array(value)
            ? { value: Buffer.from(value) }
            : undefined,
    },
  ],
  [Uint8Array, { expected: 'bytes', convert: keep(types.isUint8Array) }],
]);

/** The check for a parameter whose type is no class of the application; `undefined` where there is nothing to check. */
export function primitiveCheck(type: ParameterType): ArgumentCheck | undefined {
  const primitive = primitives.get(type);
  if (primitive === undefined) return undefined;
  const { expected, convert } = primitive;
  return (value, name) =>
    convert(value) ?? {
      problems: [{ argument: name, problem: `expected ${expected}, got ${kindOf(value)}` }],
    };
}

/** Built-in classes of the language and of Node, which no DTO is. */
export function isBuiltIn(type: ParameterType): boolean {
  return (globalThis as Record<string, unknown>)[type.name] === type;
}

/** What a value is, without showing it: arguments are nobody else's business. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (Buffer.isBuffer(value)) return 'bytes';
  if (types.isDate(value)) return 'a date';
  return typeof value === 'object' ? 'an object' : typeof value;
}
