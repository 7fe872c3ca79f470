import { types } from 'node:util';

/** What can be told of something that was thrown, which may be anything. */
export interface ThrownValue {
  /** Class name, `Error` where there is none, `NonError` for what is no error. */
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  /** What caused it; of an AggregateError without a cause, its first error. */
  readonly cause: unknown;
}

/**
 * Looks at something that was thrown: an error of any realm, an object like one, or anything else. Proxies and getters
 * that throw are as good as absent.
 */
export function lookAt(thrown: unknown): ThrownValue {
  if (typeof thrown !== 'object' || thrown === null) return nonError(describePrimitive(thrown));
  const message = textAt(thrown, 'message');
  if (message === undefined && !types.isNativeError(thrown)) return nonError(describeObject(thrown));
  return {
    type: typeOf(thrown),
    message: message ?? '',
    stack: textAt(thrown, 'stack'),
    code: textAt(thrown, 'code'),
    cause: valueAt(thrown, 'cause') ?? firstOf(valueAt(thrown, 'errors')),
  };
}

/** The value of a property, or `undefined` when reading it throws. */
function valueAt(object: object, key: string): unknown {
  try {
    return (object as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function textAt(object: object, key: string): string | undefined {
  const value = valueAt(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** A subclass that did not set its name is still known by its constructor. */
function typeOf(error: object): string {
  const name = textAt(error, 'name');
  if (name !== undefined && name !== '' && name !== 'Error') return name;
  const constructor = valueAt(error, 'constructor');
  const className = typeof constructor === 'function' ? textAt(constructor, 'name') : undefined;
  return className === undefined || className === '' || className === 'Object' ? 'Error' : className;
}

function firstOf(value: unknown): unknown {
  try {
    return Array.isArray(value) ? (value as unknown[])[0] : undefined;
  } catch {
    return undefined;
  }
}

const nonError = (description: string): ThrownValue => ({
  type: 'NonError',
  message: description,
  stack: undefined,
  code: undefined,
  cause: undefined,
});

function describePrimitive(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return 'a function was thrown';
  return `${String(value)} was thrown`;
}

/** Plain objects are thrown by some libraries; their JSON tells most. */
function describeObject(value: object): string {
  try {
    const json = JSON.stringify(value) as string | undefined;
    if (json !== undefined) return `${json} was thrown`;
  } catch {
    // A cycle, a getter that throws, a revoked proxy: there is no text for it.
  }
  return 'an object that can not be shown was thrown';
}
