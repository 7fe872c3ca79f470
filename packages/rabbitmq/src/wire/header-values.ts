import { VALUE_UNSERIALIZABLE } from '@lovage/core';
import { isTooLong, mostShortBytes } from './short-text.js';

/** The client library takes an object with this key for a value with a type. */
const trapdoor = '!';
/** As deep as core reads messages; nobody needs more in headers, and a table within a table costs stack. */
const mostLevels = 100;
/** In place of what is deeper than that. */
const cutOff = '…';

/** Plain values as the client library takes them: nothing in them is taken for one of its typed values. */
export function writeHeaderValue(value: unknown, where: string, level = 0): unknown {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'number' ? writeNumber(value, where) : value;
  }
  if (level >= mostLevels) throw unwritable(where, `it is nested deeper than ${mostLevels} levels`);
  if (Array.isArray(value)) {
    // An array has no place for "nothing"; JSON has null there too.
    return value.map((item) => writeHeaderValue(item ?? null, where, level + 1));
  }
  const written: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, item] of Object.entries(value)) {
    if (isTooLong(name)) throw unwritable(where, `a name in it has more than ${mostShortBytes} bytes`);
    written[name] = writeHeaderValue(item, where, level + 1);
  }
  return trapdoor in written ? { [trapdoor]: 'object', value: written } : written;
}

/**
 * A number in the only way that all read alike. The client library would write 128 to 32,767 as `s`, which for Python's is text of
 * that many bytes: it loses its place in the frame and, with it, its connection. And Python reads `b` and `l` without a sign.
 */
function writeNumber(value: number, where: string): unknown {
  if (!Number.isFinite(value)) throw unwritable(where, `${value} is no number`);
  if ((value >= 0 && value < 128) || !Number.isInteger(value)) return value;
  const kind = Math.abs(value) < 0x8000_0000 ? 'int' : value > 0 ? undefined : 'double';
  return kind === undefined ? value : { [trapdoor]: kind, value };
}

/**
 * A value of a header as plain JSON: a point in time becomes ISO 8601 text, a decimal a number, bytes become text. What is deeper in it than can be
 * written again is cut off: nobody reads it, and it would cost stack.
 */
export function readHeaderValue(value: unknown, level = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (level >= mostLevels) return cutOff;
  if (Array.isArray(value)) return value.map((item) => readHeaderValue(item, level + 1));
  const typed = typedValue(value as Readonly<Record<string, unknown>>);
  if (typed !== undefined) return typed;
  const read: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    // A name such as "__proto__" stays a name.
    Object.defineProperty(read, name, {
      value: readHeaderValue(item, level + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return read;
}

function typedValue(value: Readonly<Record<string, unknown>>): unknown {
  const { value: inner } = value;
  if (value[trapdoor] === 'timestamp' && typeof inner === 'number') {
    const date = new Date(inner * 1000);
    return Number.isNaN(date.getTime()) ? inner : date.toISOString();
  }
  if (value[trapdoor] === 'decimal' && typeof inner === 'object' && inner !== null) {
    const { places, digits } = inner as { readonly places?: unknown; readonly digits?: unknown };
    if (typeof places === 'number' && typeof digits === 'number') return digits / 10 ** places;
  }
  return undefined;
}

const unwritable = (where: string, problem: string): Error =>
  VALUE_UNSERIALIZABLE.create({ serializer: 'AMQP headers', where, problem });
