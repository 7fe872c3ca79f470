import { isLovageError } from '../errors/lovage-error.js';
import {
  BODY_UNDECODABLE,
  COMPRESSION_UNKNOWN,
  MESSAGE_TOO_LARGE,
  type MessageIdentity,
} from '../errors/message-errors.js';
import { bzip2Compressor } from './bzip2-compressor.js';
import type { DecodeContext } from './codec-context.js';
import type { CompressionName } from './codec-names.js';
import { type Compressor, DecompressedTooLarge, LibraryMissing } from './compressor.js';
import { type Encoded, encodedBytes } from './encoded.js';
import { lzmaCompressor } from './lzma-compressor.js';
import { brotliCompressor, zlibCompressor } from './zlib-compressors.js';
import { zstdCompressor } from './zstd-compressor.js';

/** By the names that Celery has for them, as options and in the header; its readers take both in the header. */
const compressors = new Map<string, Compressor>(
  (
    [
      [zlibCompressor, 'zlib', 'gzip'],
      [bzip2Compressor, 'bzip2', 'bzip'],
      [lzmaCompressor, 'lzma', 'xz'],
      [brotliCompressor, 'brotli'],
      [zstdCompressor, 'zstd', 'zstandard'],
    ] as const
  ).flatMap(([compressor, ...names]) =>
    [compressor.header, ...names].map((name) => [name, compressor] as const),
  ),
);

/** A compressed body, and the value of the header `compression` that tells how. */
export interface CompressedBody {
  readonly header: string;
  readonly body: Buffer;
}

/** @throws LOVAGE_COMPRESSION_UNKNOWN, also when the library for it is not installed */
export function compressBody(
  name: CompressionName,
  body: Encoded,
  identity: MessageIdentity,
): CompressedBody {
  const compressor = compressors.get(name);
  if (compressor === undefined) throw COMPRESSION_UNKNOWN.create({ ...identity, compression: name });
  try {
    return { header: compressor.header, body: compressor.compress(encodedBytes(body)) };
  } catch (error) {
    throw named(error, name, identity) ?? error;
  }
}

/**
 * @param compression value of the header
 * @throws LOVAGE_COMPRESSION_UNKNOWN, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_BODY_UNDECODABLE
 */
export function decompressBody(
  compression: string,
  body: Encoded,
  contentType: string,
  context: DecodeContext,
): Buffer {
  const { identity, limits } = context;
  const compressor = compressors.get(compression);
  if (compressor === undefined)
    throw COMPRESSION_UNKNOWN.create({ ...identity, compression: compression.slice(0, 100) });
  try {
    return compressor.decompress(encodedBytes(body), limits.maxDecompressedBytes);
  } catch (error) {
    const known = named(error, compression, identity);
    if (known !== undefined) throw known;
    if (error instanceof DecompressedTooLarge) {
      const bytes = limits.maxDecompressedBytes;
      throw MESSAGE_TOO_LARGE.create({ ...identity, bytes, limit: bytes, stage: 'decompressed' });
    }
    throw BODY_UNDECODABLE.create(
      { ...identity, contentType, compression, problem: 'it can not be decompressed' },
      error,
    );
  }
}

function named(error: unknown, compression: string, identity: MessageIdentity): Error | undefined {
  if (error instanceof LibraryMissing) {
    return COMPRESSION_UNKNOWN.create({ ...identity, compression, install: error.install }, error.cause);
  }
  return isLovageError(error) ? error : undefined;
}
