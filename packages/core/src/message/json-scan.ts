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
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const largestExact = String(Number.MAX_SAFE_INTEGER);

/**
 * Looks once over JSON text before it is parsed: bounds its nesting without recursion, and finds whether anything in it
 * needs more than `JSON.parse`. May find more than there is (a value that reads `constructor`), never less.
 *
 * @returns {@link TOO_DEEP}, or a sum of {@link TELLING_KEY} and {@link LONG_NUMBER}
 */
export function scanJson(text: string, maxDepth: number): number {
  const end = text.length;
  let depth = 0;
  let found = PLAIN;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      const start = i + 1;
      let escaped = false;
      for (i = start; i < end; i++) {
        const inner = text.charCodeAt(i);
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          i++;
          escaped = escaped || isAsciiEscape(text, i);
        }
      }
      if (escaped || isTelling(text, start, i - start)) found |= TELLING_KEY;
    } else if (code >= ZERO && code <= NINE) {
      const start = i;
      while (i + 1 < end && isDigit(text.charCodeAt(i + 1))) i++;
      const length = i + 1 - start;
      if (length >= largestExact.length && text.charCodeAt(start - 1) !== POINT) {
        if (length > largestExact.length || text.slice(start, i + 1) > largestExact) found |= LONG_NUMBER;
      }
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++depth > maxDepth) return TOO_DEEP;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      depth--;
    }
  }
  return found;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Whether an escape may stand for a letter or `_`, which no JSON writer escapes: somebody hides a key. */
function isAsciiEscape(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== LOWER_U || text.charCodeAt(at + 1) !== ZERO || text.charCodeAt(at + 2) !== ZERO)
    return false;
  const digit = text.charCodeAt(at + 3);
  return digit >= TWO && digit <= SEVEN;
}

function isTelling(text: string, start: number, length: number): boolean {
  return (
    (length === 8 && text.startsWith('__type__', start)) ||
    (length === 9 && text.startsWith('__proto__', start)) ||
    (length === 11 && text.startsWith('constructor', start))
  );
}
