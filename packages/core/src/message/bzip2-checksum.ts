/** Polynomial of the CRC-32 that bzip2 uses, highest bit first. */
const polynomial = 0x04_c1_1d_b7;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let remainder = index << 24;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder < 0 ? (remainder << 1) ^ polynomial : remainder << 1;
  return remainder;
});

/** Start value of a block's checksum. */
export const checksumStart = 0xff_ff_ff_ff;

/** Adds one byte; the checksum of a block is the complement of the last value. */
export function addToChecksum(checksum: number, byte: number): number {
  return (checksum << 8) ^ (table[((checksum >>> 24) ^ byte) & 0xff] as number);
}

/** Adds a block's checksum to the one of its stream. */
export function combineChecksums(stream: number, block: number): number {
  return (((stream << 1) | (stream >>> 31)) ^ block) >>> 0;
}
