import { types } from 'node:util';

/**
 * Names objects that no serializer can carry, and that `JSON.stringify` would turn into `{}` without a word.
 *
 * @returns such as "is a Map", or `undefined` for an object that may be written by its fields
 */
export function unsupportedKind(value: object): string | undefined {
  if (Array.isArray(value)) return undefined;
  if (types.isPromise(value)) return 'is a Promise (await it first)';
  if (types.isMap(value)) return 'is a Map (use Object.fromEntries)';
  if (types.isSet(value)) return 'is a Set (use an array)';
  if (types.isRegExp(value)) return 'is a RegExp';
  if (types.isNativeError(value)) return 'is an Error (use its message)';
  if (ArrayBuffer.isView(value)) return 'is a typed array other than Uint8Array (use an array)';
  if (types.isWeakMap(value) || types.isWeakSet(value)) return 'is a WeakMap or WeakSet';
  if (types.isGeneratorObject(value)) return 'is a generator (use an array)';
  return undefined;
}
