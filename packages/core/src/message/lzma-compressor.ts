import { type Compressor, DecompressedTooLarge } from './compressor.js';
import { optionalModule } from './optional-module.js';

const library = 'lzma-native';

/** The part of `lzma-native` that is used: its stream around liblzma, without the Node stream around that one. */
interface LzmaNative {
  readonly Stream: new () => LzmaStream;
  readonly CHECK_CRC64: number;
}

interface LzmaStream {
  /** Called for each piece of output; `null` at the end of the data. */
  bufferHandler: (
    output: Buffer | null | undefined,
    chunks: number | undefined,
    error: Error | null | undefined,
  ) => void;
  easyEncoder_(preset: number, check: number): unknown;
  autoDecoder_(memoryLimit: number, flags: number): unknown;
  /** @param input `null`: no more will come */
  code(input: Buffer | null, inBackground: boolean): unknown;
  resetUnderlying(): void;
}

/** Python's default is 6, which takes seconds for a megabyte. */
const preset = 3;
/** Memory for the dictionary: enough for what Python's highest preset (9) writes. */
const decoderMemory = 72 * 1024 * 1024;
/** Input given at once; it may grow about 7000-fold before its output can be counted. */
const sliceBytes = 512;

/** The .xz container, by the optional package `lzma-native`; the older .lzma container is read, too. */
export const lzmaCompressor: Compressor = {
  header: 'application/x-lzma',
  compress: (bytes) => {
    const lzma = load();
    const stream = new lzma.Stream();
    // reason: the names are those of the library.
    // oxlint-disable-next-line no-underscore-dangle
    stream.easyEncoder_(preset, lzma.CHECK_CRC64);
    return new LzmaRun(stream, Number.POSITIVE_INFINITY).through(bytes, bytes.length);
  },
  decompress: (bytes, maxBytes) => {
    const stream = new (load().Stream)();
    // reason: the names are those of the library.
    // oxlint-disable-next-line no-underscore-dangle
    stream.autoDecoder_(decoderMemory, 0);
    return new LzmaRun(stream, maxBytes).through(bytes, sliceBytes);
  },
};

const load = (): LzmaNative => optionalModule(library, library) as LzmaNative;

/** One use of a stream, from the first byte to the last. */
class LzmaRun {
  private readonly output: Buffer[] = [];
  private size = 0;
  private ended = false;
  private failure: Error | undefined;

  constructor(
    private readonly stream: LzmaStream,
    private readonly maxBytes: number,
  ) {
    // Native code calls this, so it must not throw.
    stream.bufferHandler = (bytes, _chunks, error) => {
      if (error) this.failure ??= error;
      else if (bytes === null) this.ended = true;
      else if (bytes !== undefined) this.collect(bytes);
    };
  }

  /** @param slice bytes of input to give at once */
  through(input: Buffer, slice: number): Buffer {
    try {
      for (let at = 0; at < input.length && !this.ended; at += slice)
        this.give(input.subarray(at, at + slice));
      if (!this.ended) this.give(null);
      return Buffer.concat(this.output, this.size);
    } finally {
      this.stream.resetUnderlying();
    }
  }

  private give(input: Buffer | null): void {
    this.stream.code(input, false);
    if (this.failure !== undefined) throw this.failure;
    if (this.size > this.maxBytes) throw new DecompressedTooLarge();
  }

  private collect(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size <= this.maxBytes) this.output.push(bytes);
  }
}
