import zlib from 'node:zlib';
import { type Compressor, DecompressedTooLarge } from './compressor.js';
import { optionalModule } from './optional-module.js';
import { bounded } from './zlib-compressors.js';

const library = '@cloudpss/zstd';

/** Zstandard: Node's own since 22.15, else the optional package `@cloudpss/zstd`. */
export const zstdCompressor: Compressor = {
  header: 'application/zstd',
  compress: (bytes) => (native ?? peer()).compress(bytes),
  decompress: (bytes, maxBytes) => {
    // Python refuses frames that do not say their size, and so do we: it is the bound for the library's memory.
    const size = contentSize(bytes);
    if (size === undefined) throw new RangeError('the frame does not say its size');
    if (size > maxBytes) throw new DecompressedTooLarge();
    return (native ?? peer()).decompress(bytes, maxBytes);
  },
};

interface Zstd {
  compress(bytes: Buffer): Buffer;
  decompress(bytes: Buffer, maxBytes: number): Buffer;
}

/** Of Node since 22.15; not in the types of Node 20. */
interface NodeZstd {
  readonly zstdCompressSync?: (bytes: Buffer, options: { readonly pledgedSrcSize: number }) => Buffer;
  readonly zstdDecompressSync?: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
}

const { zstdCompressSync, zstdDecompressSync } = zlib as NodeZstd;

const native: Zstd | undefined =
  zstdCompressSync === undefined || zstdDecompressSync === undefined
    ? undefined
    : {
        compress: (bytes) => zstdCompressSync(bytes, { pledgedSrcSize: bytes.length }),
        decompress: (bytes, maxBytes) =>
          bounded(() => zstdDecompressSync(bytes, { maxOutputLength: maxBytes })),
      };

/** Its `decompress` writes into memory of the size that the frame says, and refuses a frame that holds more. */
function peer(): Zstd {
  return optionalModule(`${library}/napi`, library) as Zstd;
}

const magic = 0xfd_2f_b5_28;
/** Bytes of the content size, by the two highest bits of the frame header descriptor. */
const sizeLengths = [0, 2, 4, 8] as const;
const dictionaryIdLengths = [0, 1, 2, 4] as const;

/**
 * Size of the content as the header of a frame says it (RFC 8878, section 3.1.1.1).
 *
 * @throws RangeError for what is no frame
 */
function contentSize(frame: Buffer): number | undefined {
  if (frame.length < 5 || frame.readUInt32LE(0) !== magic) throw new RangeError('no Zstandard frame');
  const descriptor = frame.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + (dictionaryIdLengths[descriptor & 3] as number);
  const length = sizeLengths[descriptor >> 6] as number;
  if (length === 0) return isSingleSegment ? frame.readUInt8(at) : undefined;
  if (length === 2) return frame.readUInt16LE(at) + 256;
  return length === 4 ? frame.readUInt32LE(at) : Number(frame.readBigUInt64LE(at));
}
