import { types } from 'node:util';
import { isTypedValue } from './typed-value.js';

/** Celery's limits for the text of arguments, in characters and in levels of nesting. */
export const maxReprLength = 1024;
export const maxReprLevels = 3;

/** Python's text of a value that is neither text nor an object. */
export function wordRepr(value: unknown): string {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0) ? String(value) : pythonFloat(value);
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'bigint' ? String(value) : 'None';
}

/** Objects that are one word to Python. */
export function leafRepr(object: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return undefined;
  if (types.isDate(object)) return dateRepr(object);
  if (types.isUint8Array(object)) return bytesRepr(object);
  if (isTypedValue(object)) {
    if (object.kind === 'decimal') return `Decimal('${object.text}')`;
    return object.kind === 'uuid' ? `UUID('${object.text}')` : `'${object.text}'`;
  }
  return undefined;
}

function dateRepr(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'None';
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
  ];
  const micros = date.getUTCMilliseconds() * 1000;
  if (date.getUTCSeconds() > 0 || micros > 0) parts.push(date.getUTCSeconds());
  if (micros > 0) parts.push(micros);
  return `datetime.datetime(${parts.join(', ')}, tzinfo=datetime.timezone.utc)`;
}

/** Not Python's own form: Celery shows text where the bytes are UTF-8, else hexadecimal digits. */
function bytesRepr(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, maxReprLength));
  const text = buffer.toString('utf8');
  return `b'${text.includes('\uFFFD') ? buffer.toString('hex') : text}'`;
}

/** Python's text of a float: `1e+16`, `1e-05`, `nan`. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e16 || magnitude < 1e-4) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string];
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}
