import { OPTION_INVALID } from '@lovage/core';

/**
 * Reads a cursor: two parts with a colon between them, the first of which is a number.
 *
 * @throws LOVAGE_OPTION_INVALID for what no page gave
 */
export function readCursor(cursor: string): readonly [first: string, second: string] {
  const parsed = /^(-?\d{1,20}(?:\.\d{1,20})?):([\w-]+)$/.exec(cursor);
  if (parsed !== null) return [parsed[1] ?? '', parsed[2] ?? ''];
  throw cursorInvalid(cursor);
}

/** Reads a cursor of two numbers, the second of which is not below 0. */
export function readNumbers(cursor: string): readonly [first: string, second: number] {
  const [first, second] = readCursor(cursor);
  if (/^\d{1,15}$/.test(second)) return [first, Number(second)];
  throw cursorInvalid(cursor);
}

const cursorInvalid = (cursor: string): Error =>
  OPTION_INVALID.create({
    problems: [{ option: 'cursor', expected: 'one that a page of this queue gave', got: cursor }],
  });
