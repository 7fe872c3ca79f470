/** One compression method. */
export interface Compressor {
  /** Value of the message header `compression`. */
  readonly header: string;
  compress(bytes: Buffer): Buffer;
  /**
   * Never makes more than about `maxBytes`, whatever the bytes claim.
   *
   * @throws DecompressedTooLarge; any other error for bytes that are broken
   */
  decompress(bytes: Buffer, maxBytes: number): Buffer;
}

/** The output grew, or says it would grow, beyond the limit. */
export class DecompressedTooLarge extends Error {}

/** A library that is needed is not installed, or does not load here; the cause says which. */
export class LibraryMissing extends Error {
  /** @param install npm package */
  constructor(
    readonly install: string,
    cause: unknown,
  ) {
    super('library missing', { cause });
  }
}
