/** Names, routing keys and most properties of AMQP have one byte for their length. */
export const mostShortBytes = 255;

/** Counted only where it may be so: a unit of text has three bytes at most. */
export const isTooLong = (text: string | undefined): boolean =>
  text !== undefined && text.length * 3 > mostShortBytes && Buffer.byteLength(text) > mostShortBytes;
