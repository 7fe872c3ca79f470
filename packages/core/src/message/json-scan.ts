import type { Encoded } from './encoded.js';

/** Nothing but what `JSON.parse` reads as it should be. */
export const PLAIN = 0;
/** A key may be `__type__`, `__proto__` or `constructor`: the parsed value must be looked through. */
export const TELLING_KEY = 1;
/** An integer may be too long for a number: the text needs the exact reader. */
export const LONG_NUMBER = 2;
/** Nested deeper than allowed. */
export const TOO_DEEP = -1;

const QUOTE = 34;
const BACKSLASH = 92;
const POINT = 46;
const ZERO = 48;
const SEVEN = 55;
const TWO = 50;
const NINE = 57;
const LOWER_U = 117;
const LOWER_C = 99;
const UNDERSCORE = 95;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const largestExact = String(Number.MAX_SAFE_INTEGER);

/** Whether a text may hold any of what is looked for, apart from depth. */
const suspicious = /__|constructor|\\u00|\d{16}/;

/**
 * Looks once over JSON before it is parsed: bounds its nesting without recursion, and finds whether anything in it needs
 * more than `JSON.parse`. May find more than there is (a value that reads `constructor`), never less.
 *
 * @param tailLength bytes at the end that need no look, where it is bytes
 * @returns {@link TOO_DEEP}, or a sum of {@link TELLING_KEY} and {@link LONG_NUMBER}
 */
export function scanJson(json: Encoded, tailLength: number, maxDepth: number): number {
  if (typeof json !== 'string') return scanBytes(json, json.length - tailLength, maxDepth);
  if (json.length <= maxDepth && !suspicious.test(json)) return PLAIN;
  // Going through the characters of a text takes longer than making bytes of it and going through these.
  const bytes = Buffer.from(json, 'utf8');
  return scanBytes(bytes, bytes.length, maxDepth);
}

function scanBytes(bytes: Buffer, to: number, maxDepth: number): number {
  let depth = 0;
  let found = PLAIN;
  for (let i = 0; i < to; i++) {
    const code = bytes[i] as number;
    if (code === QUOTE) {
      const start = i + 1;
      let hidden = false;
      for (i = start; i < to; i++) {
        const inner = bytes[i];
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          i++;
          hidden = hidden || isAsciiEscape(bytes, i);
        }
      }
      if (hidden || isTelling(bytes, start, i - start)) found |= TELLING_KEY;
    } else if (code >= ZERO && code <= NINE) {
      const start = i;
      while (isDigit(bytes[i + 1])) i++;
      const length = i + 1 - start;
      if (length >= largestExact.length && bytes[start - 1] !== POINT) {
        const isLong = length > largestExact.length || bytes.toString('latin1', start, i + 1) > largestExact;
        if (isLong) found |= LONG_NUMBER;
      }
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++depth > maxDepth) return TOO_DEEP;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      depth--;
    }
  }
  return found;
}

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= ZERO && code <= NINE;

/** Whether an escape may stand for a letter or `_`, which no JSON writer escapes: somebody hides a key. */
function isAsciiEscape(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== LOWER_U || bytes[at + 1] !== ZERO || bytes[at + 2] !== ZERO) return false;
  const digit = bytes[at + 3];
  return digit !== undefined && digit >= TWO && digit <= SEVEN;
}

/** Whether a text of this length is `__type__`, `__proto__` or `constructor`. */
function isTelling(bytes: Buffer, start: number, length: number): boolean {
  if (length === 8 || length === 9) return bytes[start] === UNDERSCORE && isOneOf(bytes, start, length);
  return length === 11 && bytes[start] === LOWER_C && isOneOf(bytes, start, length);
}

const tellingKeys: ReadonlySet<string> = new Set(['__type__', '__proto__', 'constructor']);

const isOneOf = (bytes: Buffer, start: number, length: number): boolean =>
  tellingKeys.has(bytes.toString('latin1', start, start + length));
