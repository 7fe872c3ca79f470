import type { ErrorMatch } from '../task/retry-policy.js';

/** Levels of classes that are looked at: enough for any, and an end for a proxy that has no end. */
const mostLevels = 20;

/** Whether an error is the one that is meant. A function or an error that throws does not match. */
export function matchesError(error: unknown, match: ErrorMatch): boolean {
  try {
    if (typeof match === 'string') return hasName(error, match);
    return isClass(match) ? error instanceof match : match(error);
  } catch {
    return false;
  }
}

/** An error class; any other function is asked. */
function isClass(match: Exclude<ErrorMatch, string>): match is abstract new (...args: never[]) => Error {
  const prototype: unknown = match.prototype;
  return prototype === Error.prototype || prototype instanceof Error || isDeclaredClass(match);
}

const isDeclaredClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));

function hasName(error: unknown, name: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name: own, code, type } = error as { name?: unknown; code?: unknown; type?: unknown };
  if (own === name || code === name || type === name) return true;
  let level: object | null = error;
  for (let depth = 0; level !== null && depth < mostLevels; depth += 1) {
    const { constructor } = level as { constructor?: { name?: unknown } };
    if (constructor?.name === name) return true;
    level = Reflect.getPrototypeOf(level);
  }
  return false;
}
