/** What {@link plainJsonCost} gives for a value that needs the exact writer. */
const NOT_PLAIN = -1;

/**
 * Looks once through a value: whether `JSON.stringify` writes it exactly as it should be written, and within a budget of
 * bytes. "No" costs little and decides nothing: the exact writer then finds the reason, or writes the value.
 *
 * Plain are null, booleans, text, integers up to 2^53 and fractions, arrays, and literal objects of these. `undefined`
 * counts as plain: it is left out of objects and becomes null in arrays, as everywhere in JavaScript.
 *
 * @param depth how many levels of arrays and objects may still be opened
 * @param budget how many bytes may still be written; shared values count each time, so that a small graph of shared
 *   objects can not grow without bound
 * @returns the budget that is left, or {@link NOT_PLAIN}
 */
export function plainJsonCost(value: unknown, depth: number, budget: number): number {
  if (typeof value === 'string') return budget - value.length - 2;
  if (typeof value === 'number') return isPlainNumber(value) ? budget - 1 : NOT_PLAIN;
  if (typeof value === 'boolean' || value === undefined || value === null) return budget - 4;
  if (typeof value !== 'object' || depth <= 0) return NOT_PLAIN;
  return Array.isArray(value) ? arrayCost(value, depth - 1, budget) : objectCost(value, depth - 1, budget);
}

/** Beyond 2^53 a number is a float for Python, so it must be written as one; minus zero has no JSON text of its own. */
export function isPlainNumber(value: number): boolean {
  return (
    value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER && (value !== 0 || 1 / value > 0)
  );
}

function arrayCost(array: readonly unknown[], depth: number, budget: number): number {
  let left = budget - 2;
  for (let i = 0; i < array.length && left >= 0; i++) left = plainJsonCost(array[i], depth, left - 1);
  return left;
}

function objectCost(object: object, depth: number, budget: number): number {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN;
  let left = budget - 2;
  for (const key in object) {
    // These two may be hostile; the exact writer decides.
    if (key === '__proto__' || key === 'constructor') return NOT_PLAIN;
    left = plainJsonCost((object as Record<string, unknown>)[key], depth, left - key.length - 4);
    if (left < 0) return NOT_PLAIN;
  }
  return left;
}
