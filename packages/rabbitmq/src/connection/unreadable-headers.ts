import { makeLongNumbersReadable } from './long-numbers.js';
import { frameKinds } from '../wire/frame-kinds.js';
import type { FrameReader } from './read-frames.js';

/** What is read by the client library, a whole frame at a time. */
type LibraryReader = Pick<FrameReader, 'rest' | 'recvFrame'>;

/**
 * A message with headers that the client library can not read would end the connection, and again each time it is delivered: nobody could take
 * it, nor what is behind it.
 *
 * - Whole numbers as Python writes them from 2^31 are read.
 * - Lists and tables are read by calls within calls. A message with more of them in each other than the stack has room for, or with a value of a
 *   type that nobody knows, comes without properties and headers; it is no task then, and is parked.
 */
export function surviveHeaders(reader: LibraryReader): void {
  const read = reader.recvFrame?.bind(reader);
  if (read === undefined) return;
  reader.recvFrame = () => {
    // When it gets more bytes it calls itself, which is us: the innermost call has the whole frame.
    const { rest } = reader;
    try {
      return read();
    } catch (error) {
      if (rest[0] !== frameKinds.header || !isAboutContent(error)) throw error;
      return readOtherwise(reader, rest, read) ?? withoutHeaders(rest);
    }
  };
}

/** As against a frame that is none. */
function isAboutContent(error: unknown): boolean {
  const { name, message } = (error ?? {}) as Partial<Error>;
  return (
    name === 'RangeError' || (name === 'TypeError' && message?.startsWith('Unexpected type tag') === true)
  );
}

function readOtherwise(reader: LibraryReader, frame: Buffer, read: () => unknown): unknown {
  const { rest } = reader;
  try {
    if (!makeLongNumbersReadable(frame)) return undefined;
    reader.rest = frame;
    return read();
  } catch {
    // As it was: behind the frame.
    reader.rest = rest;
    return undefined;
  }
}

const withoutHeaders = (frame: Buffer): unknown => ({
  id: frame.readUInt16BE(7),
  channel: frame.readUInt16BE(1),
  size: Number(frame.readBigUInt64BE(11)),
  fields: {},
});
