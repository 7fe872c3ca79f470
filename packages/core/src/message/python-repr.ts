import { exactRepr } from './python-repr-exact.js';
import { leafRepr, maxReprLength, maxReprLevels, wordRepr } from './python-words.js';

/**
 * Text of positional arguments as Celery writes it into `argsrepr`: Python's `repr` of a tuple, in which the fourth level of
 * nesting is `[...]` and which ends after 1024 characters. For displays only; never throws.
 */
export function reprOfArgs(args: readonly unknown[]): string {
  if (args.length === 0) return '()';
  try {
    let text = '(';
    for (let i = 0; i < args.length; i++) {
      if (i > 0) text += ', ';
      text += quickRepr(args[i], 1, text.length);
      if (text.length >= surelyShort) return exactRepr(args, 'tuple');
    }
    return args.length === 1 ? `${text},)` : `${text})`;
  } catch {
    // A getter that was harmless when the arguments were written throws now.
    return '(...)';
  }
}

/** Text of keyword arguments as Celery writes it into `kwargsrepr`: Python's `repr` of a dict, with the same limits. */
export function reprOfKwargs(kwargs: Readonly<Record<string, unknown>>): string {
  try {
    const text = quickRepr(kwargs, 0, 0);
    return text.length >= surelyShort ? exactRepr(kwargs, 'dict') : text;
  } catch {
    return '{...}';
  }
}

/** Text of up to this length is not cut, whatever brackets are still to come. */
const surelyShort = maxReprLength - 2;

/** Exact as long as all of it is shorter than the limit; may end anywhere once it is longer. */
function quickRepr(value: unknown, level: number, used: number): string {
  if (typeof value === 'string') {
    if (value.length > maxReprLength) return value.slice(0, maxReprLength);
    return value.includes("'") ? `'${value.replaceAll("'", "\\'")}'` : `'${value}'`;
  }
  if (typeof value !== 'object' || value === null) return wordRepr(value);
  return Array.isArray(value) ? quickArray(value, level, used) : quickObject(value, level, used);
}

function quickArray(array: readonly unknown[], level: number, used: number): string {
  if (level >= maxReprLevels) return '[...]';
  let text = '[';
  for (let i = 0; i < array.length && used + text.length < maxReprLength; i++) {
    if (i > 0) text += ', ';
    text += quickRepr(array[i], level + 1, used + text.length);
  }
  return `${text}]`;
}

function quickObject(object: object, level: number, used: number): string {
  const leaf = leafRepr(object);
  if (leaf !== undefined) return leaf;
  const { toJSON } = object as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') return quickRepr(toJSON.call(object, ''), level, used);
  if (level >= maxReprLevels) return '{...}';
  let text = '{';
  for (const key of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (text.length > 1) text += ', ';
    text += `${quickRepr(key, level, used + text.length)}: `;
    text += quickRepr(value, level + 1, used + text.length);
    if (used + text.length >= maxReprLength) break;
  }
  return `${text}}`;
}
