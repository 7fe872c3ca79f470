import { brotliCompressSync, brotliDecompressSync, constants, deflateSync, inflateSync } from 'node:zlib';
import { type Compressor, DecompressedTooLarge } from './compressor.js';

/** A zlib stream (RFC 1950). Its name in the header says gzip, which it never was. */
export const zlibCompressor: Compressor = {
  header: 'application/x-gzip',
  compress: (bytes) => deflateSync(bytes),
  decompress: (bytes, maxBytes) => bounded(() => inflateSync(bytes, { maxOutputLength: maxBytes })),
};

export const brotliCompressor: Compressor = {
  header: 'application/x-brotli',
  // The library's default (11) takes seconds for a megabyte; 5 gives about the size of zlib's best in its time.
  compress: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  decompress: (bytes, maxBytes) => bounded(() => brotliDecompressSync(bytes, { maxOutputLength: maxBytes })),
};

/** Gives Node's error for `maxOutputLength` its name here. */
export function bounded(decompress: () => Buffer): Buffer {
  try {
    return decompress();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
      throw new DecompressedTooLarge();
    throw error;
  }
}
