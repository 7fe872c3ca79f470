/** Numbers of the bzip2 format that its writer and its reader share. */
export const bzip2 = {
  /** Uncompressed bytes of a block for each unit of the level, which is a digit from 1 to 9. */
  blockUnit: 100_000,
  /** First 24 and last 24 bits before a block: pi. */
  blockMagic: [0x31_41_59, 0x26_53_59],
  /** Before the end of a stream: the square root of pi. */
  endMagic: [0x17_72_45, 0x38_50_90],
  /** Equal bytes after which a count follows. */
  runBytes: 4,
  runA: 0,
  runB: 1,
  /** Symbols for which one Huffman table is chosen. */
  groupSymbols: 50,
  minTables: 2,
  maxTables: 6,
  maxSelectors: 18_002,
  maxCodeLength: 20,
} as const;
