import { contentHeadBytes, frameHeadBytes } from '../wire/frame-kinds.js';
import { propertyFlags } from '../wire/property-flags.js';
import { valueTypes } from '../wire/value-types.js';

/** Where in a frame the flags of its properties stand. */
const flagsAt = frameHeadBytes + contentHeadBytes;
const { contentType, contentEncoding, headers } = propertyFlags;
const { table, list } = valueTypes;

const tagOf = (letter: string): number => letter.charCodeAt(0);
const unsignedLong = tagOf('L');
const signedLong = tagOf('l');

/** Bytes of values whose length is fixed, by their tag. */
const fixedBytes: ReadonlyMap<number, number> = new Map(
  Object.entries({ V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5, l: 8, L: 8, d: 8, T: 8 }).map(
    ([letter, bytes]) => [tagOf(letter), bytes],
  ),
);
/** Tags of values that begin with their length in four bytes. */
const measured: ReadonlySet<number> = new Set([tagOf('S'), tagOf('x')]);

/**
 * Python's client writes whole numbers that need more than 32 bits (a time in milliseconds) with the tag `L`, which ours does not know. Their bytes
 * are those of the tag `l`, which takes its place.
 *
 * @param frame a content header, changed in place
 * @returns whether there was such a number, and nothing but values that are known before the end
 */
export function makeLongNumbersReadable(frame: Buffer): boolean {
  const flags = frame.readUInt16BE(flagsAt);
  if ((flags & headers) === 0) return false;
  let at = flagsAt + 2;
  for (const flag of [contentType, contentEncoding]) {
    if ((flags & flag) !== 0) at += 1 + frame.readUInt8(at);
  }
  let found = false;
  /** Tables and arrays that have begun: where each ends, and whether its values have names. */
  const open = [{ end: at + 4 + frame.readUInt32BE(at), named: true }];
  at += 4;
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    if (at >= level.end) {
      open.pop();
      continue;
    }
    if (level.named) at += 1 + frame.readUInt8(at);
    const tag = frame.readUInt8(at);
    if (tag === unsignedLong) {
      frame.writeUInt8(signedLong, at);
      found = true;
    }
    at += 1;
    const bytes = fixedBytes.get(tag);
    if (bytes !== undefined) at += bytes;
    else if (measured.has(tag)) at += 4 + frame.readUInt32BE(at);
    else if (tag === table || tag === list) {
      open.push({ end: at + 4 + frame.readUInt32BE(at), named: tag === table });
      at += 4;
    } else return false;
  }
  return found;
}
