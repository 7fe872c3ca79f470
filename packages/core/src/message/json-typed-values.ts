import { refuseHostileKeys } from './hostile-keys.js';
import { parseIsoTime } from './iso-time.js';

/** The value of a typed JSON value can not be read as its type says. */
export class UnreadableTypedValue extends Error {
  constructor(readonly type: string) {
    super('unreadable typed value');
  }
}

type Reader = (value: unknown) => unknown;

const text: Reader = (value) => (typeof value === 'string' ? value : undefined);

/** By the names that Celery writes; each gives `undefined` for what it can not read. */
const readers = new Map<unknown, Reader>([
  ['datetime', (value) => (typeof value === 'string' ? parseIsoTime(value) : undefined)],
  ['date', text],
  ['time', text],
  ['decimal', text],
  ['uuid', readUuid],
  ['bytes', (value) => (typeof value === 'string' ? Buffer.from(value, 'utf8') : undefined)],
  ['base64', (value) => (typeof value === 'string' ? Buffer.from(value, 'base64') : undefined)],
]);

function readUuid(value: unknown): string | undefined {
  const hex = typeof value === 'object' && value !== null ? (value as { readonly hex?: unknown }).hex : value;
  const match =
    typeof hex === 'string' ? /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex.replaceAll('-', '')) : null;
  return match === null ? undefined : match.slice(1).join('-');
}

/**
 * Replaces Celery's typed values in a parsed JSON value, in place, and refuses hostile keys: `datetime` becomes a Date,
 * `bytes` and `base64` a Buffer, `decimal`, `uuid`, `date` and `time` their text. Objects with an unknown `__type__` are
 * left as they are. The nesting must have been bounded before.
 *
 * @throws HostileKey, UnreadableTypedValue
 */
export function readTypedValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object' && item !== null) value[i] = readTypedValues(item);
    }
    return value;
  }
  refuseHostileKeys(value);
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  for (const key of keys) {
    const item = object[key];
    if (typeof item === 'object' && item !== null) object[key] = readTypedValues(item);
  }
  if (keys.length !== 2 || !Object.hasOwn(object, '__type__') || !Object.hasOwn(object, '__value__'))
    return object;
  const type = object['__type__'];
  const read = readers.get(type);
  if (read === undefined) return object;
  const result = read(object['__value__']);
  if (result === undefined) throw new UnreadableTypedValue(String(type));
  return result;
}
