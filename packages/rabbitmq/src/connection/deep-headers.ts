/** The part of the client library that reads frames. */
export interface FrameReader {
  /** Bytes that were not read yet. */
  readonly rest: Buffer;
  recvFrame?: () => unknown;
}

/** Type of the frame with the properties and headers of a message. */
const headerFrame = 2;

/**
 * The client library reads lists and tables in headers by calls within calls. A message with more of them in each other than the stack has room
 * for would end the connection, and again each time it is delivered: nobody could take it, nor what is behind it. Such a message comes
 * without properties and headers in place of that; it is no task then, and is parked.
 */
export function surviveDeepHeaders(reader: FrameReader): void {
  const read = reader.recvFrame?.bind(reader);
  if (read === undefined) return;
  reader.recvFrame = () => {
    // When it gets more bytes it calls itself, which is us: the innermost call has the whole frame.
    const { rest } = reader;
    try {
      return read();
    } catch (error) {
      if ((error as Partial<Error> | null)?.name !== 'RangeError' || rest[0] !== headerFrame) throw error;
      return {
        id: rest.readUInt16BE(7),
        channel: rest.readUInt16BE(1),
        size: Number(rest.readBigUInt64BE(11)),
        fields: {},
      };
    }
  };
}
