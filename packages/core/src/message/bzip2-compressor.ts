import { compressBzip2 } from './bzip2-compress.js';
import { decompressBzip2 } from './bzip2-decompress.js';
import type { Compressor } from './compressor.js';

/** bzip2, which every Python reads. Needs no library. */
export const bzip2Compressor: Compressor = {
  header: 'application/x-bz2',
  compress: compressBzip2,
  decompress: decompressBzip2,
};
