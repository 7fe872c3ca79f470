import { VALUE_UNSERIALIZABLE } from '../errors/message-errors.js';
import { parseIsoTime } from './iso-time.js';

/** Marks typed values across duplicate installs, where `instanceof` fails. */
const brand = Symbol.for('lovage.typed-value');

/** Kinds of value that JavaScript has no type for, by the names that Celery writes in JSON. */
export type TypedValueKind = 'decimal' | 'uuid' | 'date' | 'time';

/**
 * A value to be sent as Celery's type of that name, made by {@link decimal}, {@link uuid}, {@link date} or {@link time}.
 * It arrives in Python as `Decimal`, `UUID`, `date` or `time`, and in JavaScript as its text. Serializers other than
 * json, and json with `jsonTypes: 'plain'`, write the text.
 */
export class TypedValue {
  readonly [brand] = true;

  constructor(
    readonly kind: TypedValueKind,
    readonly text: string,
  ) {}

  toString(): string {
    return this.text;
  }
}

/** Whether `value` was made by one of the marker functions below. */
export function isTypedValue(value: object): value is TypedValue {
  return brand in value;
}

const forms: Readonly<Record<TypedValueKind, RegExp>> = {
  decimal: /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)$/,
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  date: /^\d{4}-\d\d-\d\d$/,
  time: /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{6})?)?(?:[+-]\d\d:\d\d)?$/,
};

function typed(kind: TypedValueKind, text: string, example: string): TypedValue {
  if (
    typeof text !== 'string' ||
    !forms[kind].test(text) ||
    (kind === 'date' && parseIsoTime(text) === undefined)
  ) {
    throw VALUE_UNSERIALIZABLE.create({
      serializer: 'json',
      where: `the argument of ${kind}()`,
      problem: `it is no text such as "${example}"`,
    });
  }
  return new TypedValue(kind, text);
}

/** An exact decimal number, such as an amount of money: `decimal('1.10')`. */
export const decimal = (text: string): TypedValue => typed('decimal', text, '1.10');

/** A UUID, hyphenated: `uuid('12345678-1234-5678-1234-567812345678')`. */
export const uuid = (text: string): TypedValue => typed('uuid', text, '12345678-1234-5678-1234-567812345678');

/** A calendar date without time: `date('2030-01-02')`. */
export const date = (text: string): TypedValue => typed('date', text, '2030-01-02');

/** A time of day: `time('03:04:05')`; a fraction has six digits. */
export const time = (text: string): TypedValue => typed('time', text, '03:04:05');
