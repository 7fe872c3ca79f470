/** A key that would change an object's prototype; caught by the decoders, which know the message it is about. */
export class HostileKey extends Error {
  constructor(readonly key: string) {
    super('hostile key');
  }
}

/**
 * Refuses own keys that could pollute a prototype when the object is copied or merged: `__proto__`, and `constructor`
 * holding a `prototype`.
 *
 * @throws HostileKey
 */
export function refuseHostileKeys(object: object): void {
  if (Object.hasOwn(object, '__proto__')) throw new HostileKey('__proto__');
  if (!Object.hasOwn(object, 'constructor')) return;
  const { constructor } = object as { readonly constructor: unknown };
  if (typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')) {
    throw new HostileKey('constructor.prototype');
  }
}

/** Whether the object's prototype is the one that a literal or `Object.create(null)` has, in any realm. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
