import type { Encoded } from '@lovage/core';

/** UTF-8 takes this many bytes at most for a unit of JavaScript's text. */
const mostBytesEach = 3;
/** Where the bytes of a text stand for a moment: memory of its own for each would cost more than the rest. */
const scratch = Buffer.allocUnsafeSlow(65_536);

/** A body as it stands in an envelope. */
export function base64Of(body: Encoded): string {
  if (typeof body !== 'string') return body.toString('base64');
  if (body.length * mostBytesEach > scratch.length) return Buffer.from(body).toString('base64');
  return scratch.toString('base64', 0, scratch.write(body));
}

/** @returns `undefined` for what is no base64 */
export function base64Body(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64; the length shows it.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return bytes.length === Math.floor((text.length * 3) / 4) - padding ? bytes : undefined;
}
