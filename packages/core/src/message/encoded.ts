/**
 * What a serializer has written, on its way through brokers and stores: bytes, or the UTF-8 text of a text format such as
 * JSON. Both forms of one content are the same thing, and whoever reads takes either; text spares those who never need
 * bytes the way there and back.
 */
export type Encoded = Buffer | string;

/** The bytes themselves; text as UTF-8. */
export const encodedBytes = (encoded: Encoded): Buffer =>
  typeof encoded === 'string' ? Buffer.from(encoded, 'utf8') : encoded;

/** Number of bytes. */
export const encodedLength = (encoded: Encoded): number =>
  typeof encoded === 'string' ? Buffer.byteLength(encoded, 'utf8') : encoded.length;

/** A unit of JavaScript's text takes this many bytes at most. */
const mostBytesEach = 3;

/** Whether it has more than `limit` bytes. Those of a text are counted only where its length does not tell. */
export function isLongerThan(encoded: Encoded, limit: number): boolean {
  if (encoded.length > limit) return true;
  return (
    typeof encoded === 'string' &&
    encoded.length * mostBytesEach > limit &&
    Buffer.byteLength(encoded, 'utf8') > limit
  );
}
