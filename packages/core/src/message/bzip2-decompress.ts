import { addToChecksum, checksumStart, combineChecksums } from './bzip2-checksum.js';
import { bzip2 } from './bzip2-format.js';
import { DecompressedTooLarge } from './compressor.js';

/**
 * Decompresses bzip2, one or more streams, without ever holding more than one block and `maxBytes` of output. Written
 * here since the libraries that read in one go set up megabytes for each block, so that a message of many tiny ones
 * keeps them busy for a long time; the others must be waited for.
 *
 * @throws DecompressedTooLarge, RangeError for broken data
 */
export function decompressBzip2(input: Buffer, maxBytes: number): Buffer {
  const bits = new BitReader(input);
  const output = new BoundedOutput(maxBytes);
  let block = readStream(bits, output, new Uint32Array(0));
  // What follows the last stream is ignored, as in Python.
  while (bits.startsWith('BZh')) block = readStream(bits, output, block);
  return output.bytes();
}

/**
 * @param spare memory of the stream before
 * @returns the memory that was used
 */
function readStream(bits: BitReader, output: BoundedOutput, spare: Uint32Array): Uint32Array {
  if (!bits.startsWith('BZh')) throw new RangeError('no bzip2 stream');
  bits.read(24);
  const level = bits.read(8) - 48;
  if (level < 1 || level > 9) throw new RangeError('no bzip2 stream');
  const size = level * bzip2.blockUnit;
  const memory = spare.length < size ? new Uint32Array(size) : spare;
  const block = memory.subarray(0, size);
  let checksum = 0;
  for (;;) {
    const magic = [bits.read(24), bits.read(24)];
    const expected = bits.read32();
    if (magic[0] === bzip2.endMagic[0] && magic[1] === bzip2.endMagic[1]) {
      if (expected !== checksum) throw new RangeError('the checksum of the stream is wrong');
      bits.align();
      return memory;
    }
    if (magic[0] !== bzip2.blockMagic[0] || magic[1] !== bzip2.blockMagic[1])
      throw new RangeError('a block is missing');
    if (readBlock(bits, block, output) !== expected) throw new RangeError('the checksum of a block is wrong');
    checksum = combineChecksums(checksum, expected);
  }
}

/** @returns the checksum of the block's bytes */
function readBlock(bits: BitReader, block: Uint32Array, output: BoundedOutput): number {
  if (bits.read(1) === 1) throw new RangeError('randomised blocks are not supported');
  const origin = bits.read(24);
  const symbols = readSymbolMap(bits);
  const tableCount = bits.read(3);
  if (tableCount < bzip2.minTables || tableCount > bzip2.maxTables)
    throw new RangeError('a wrong number of tables');
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from(
    { length: tableCount },
    () => new HuffmanTable(readCodeLengths(bits, symbols.length + 2)),
  );
  const length = readSymbols(bits, block, symbols, selectors, tables);
  if (origin >= length) throw new RangeError('the block has no such start');
  return writeBlock(block, length, origin, output);
}

function readSymbolMap(bits: BitReader): Uint8Array {
  const used = bits.read(16);
  const symbols: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((used & (0x80_00 >> high)) === 0) continue;
    const row = bits.read(16);
    for (let low = 0; low < 16; low++) if ((row & (0x80_00 >> low)) !== 0) symbols.push(high * 16 + low);
  }
  if (symbols.length === 0) throw new RangeError('a block without symbols');
  return Uint8Array.from(symbols);
}

function readSelectors(bits: BitReader, tableCount: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw new RangeError('a block without selectors');
  const recent = [0, 1, 2, 3, 4, 5];
  const selectors = new Uint8Array(Math.min(count, bzip2.maxSelectors));
  for (let i = 0; i < count; i++) {
    let position = 0;
    while (bits.read(1) === 1) if (++position >= tableCount) throw new RangeError('a selector of no table');
    const [table] = recent.splice(position, 1) as [number];
    recent.unshift(table);
    // Some writers pad the list; the format can never use more than this.
    if (i < selectors.length) selectors[i] = table;
  }
  return selectors;
}

function readCodeLengths(bits: BitReader, count: number): Uint8Array {
  const lengths = new Uint8Array(count);
  let length = bits.read(5);
  for (let i = 0; i < count; i++) {
    while (bits.read(1) === 1) {
      length += bits.read(1) === 1 ? -1 : 1;
      if (length < 1 || length > bzip2.maxCodeLength) throw new RangeError('a code of a wrong length');
    }
    if (length < 1 || length > bzip2.maxCodeLength) throw new RangeError('a code of a wrong length');
    lengths[i] = length;
  }
  return lengths;
}

/**
 * Undoes Huffman codes, zero runs and move-to-front.
 *
 * @returns number of bytes in the block
 */
function readSymbols(
  bits: BitReader,
  block: Uint32Array,
  symbols: Uint8Array,
  selectors: Uint8Array,
  tables: readonly HuffmanTable[],
): number {
  const end = symbols.length + 1;
  let length = 0;
  let runWeight = 1;
  let run = 0;
  let inGroup = 0;
  let selector = 0;
  let table = tables[0] as HuffmanTable;
  for (;;) {
    if (inGroup === 0) {
      if (selector >= selectors.length) throw new RangeError('more symbols than selectors');
      table = tables[selectors[selector++] as number] as HuffmanTable;
      inGroup = bzip2.groupSymbols;
    }
    inGroup--;
    const symbol = table.read(bits);
    if (symbol <= bzip2.runB) {
      run += symbol === bzip2.runA ? runWeight : 2 * runWeight;
      runWeight *= 2;
      if (run > block.length) throw new RangeError('a run longer than its block');
      continue;
    }
    if (run > 0) {
      if (length + run > block.length) throw new RangeError('more bytes than the block holds');
      block.fill(symbols[0] as number, length, length + run);
      length += run;
      run = 0;
      runWeight = 1;
    }
    if (symbol === end) return length;
    if (length >= block.length) throw new RangeError('more bytes than the block holds');
    const position = symbol - 1;
    const byte = symbols[position] as number;
    symbols.copyWithin(1, 0, position);
    symbols[0] = byte;
    block[length++] = byte;
  }
}

/** Undoes the Burrows-Wheeler transform and the runs, and writes the bytes. */
function writeBlock(block: Uint32Array, length: number, origin: number, output: BoundedOutput): number {
  const next = new Uint32Array(257);
  for (let i = 0; i < length; i++) next[(block[i] as number) + 1]!++;
  for (let byte = 0; byte < 256; byte++) next[byte + 1]! += next[byte] as number;
  // The low byte of each entry is its symbol, the rest the entry that follows it in the text.
  for (let i = 0; i < length; i++) {
    const slot = next[(block[i] as number) & 0xff]!++;
    block[slot]! |= i << 8;
  }
  let checksum = checksumStart;
  let entry = block[origin] as number;
  let previous = -1;
  let equal = 0;
  for (let i = 0; i < length; i++) {
    entry = block[entry >>> 8] as number;
    const byte = entry & 0xff;
    let times = 1;
    if (equal === bzip2.runBytes) {
      times = byte;
      equal = 0;
    } else {
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
    }
    for (let n = 0; n < times; n++) checksum = addToChecksum(checksum, previous);
    output.write(previous, times);
    if (equal === 0) previous = -1;
  }
  return ~checksum >>> 0;
}

/** A canonical Huffman code. */
class HuffmanTable {
  private readonly shortest: number;
  /** By length: the last code of it, and what to subtract from a code to get its place among the symbols. */
  private readonly lastCode = new Int32Array(bzip2.maxCodeLength + 1).fill(-1);
  private readonly offset = new Int32Array(bzip2.maxCodeLength + 1);
  private readonly symbols: Uint16Array;

  constructor(lengths: Uint8Array) {
    const order = Array.from(lengths.keys()).toSorted(
      (a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b,
    );
    this.symbols = Uint16Array.from(order);
    this.shortest = lengths[order[0] as number] as number;
    let code = 0;
    let place = 0;
    for (let length = this.shortest; length <= bzip2.maxCodeLength; length++) {
      this.offset[length] = code - place;
      while (place < order.length && lengths[order[place] as number] === length) {
        place++;
        code++;
      }
      this.lastCode[length] = code - 1;
      code *= 2;
    }
  }

  read(bits: BitReader): number {
    let length = this.shortest;
    let code = bits.read(length);
    while (code > (this.lastCode[length] as number)) {
      if (++length > bzip2.maxCodeLength) throw new RangeError('a code that no symbol has');
      code = code * 2 + bits.read(1);
    }
    const symbol = this.symbols[code - (this.offset[length] as number)];
    if (symbol === undefined) throw new RangeError('a code that no symbol has');
    return symbol;
  }
}

/** Reads bits, highest first. */
class BitReader {
  private at = 0;
  private held = 0;
  private heldBits = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @param count at most 24 */
  read(count: number): number {
    while (this.heldBits < count) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('it ends too early');
      this.held = ((this.held << 8) | byte) & 0x7f_ff_ff_ff;
      this.heldBits += 8;
    }
    this.heldBits -= count;
    return (this.held >>> this.heldBits) & ((1 << count) - 1);
  }

  read32(): number {
    return ((this.read(16) << 16) | this.read(16)) >>> 0;
  }

  /** Drops the bits up to the next byte. */
  align(): void {
    this.at -= this.heldBits >> 3;
    this.heldBits = 0;
  }

  /** Only where no bits are held. */
  startsWith(text: string): boolean {
    return this.bytes.toString('latin1', this.at, this.at + text.length) === text;
  }
}

/** Grows up to its limit. */
class BoundedOutput {
  private buffer = Buffer.allocUnsafe(64 * 1024);
  private length = 0;

  constructor(private readonly maxBytes: number) {}

  write(byte: number, times: number): void {
    const end = this.length + times;
    if (end > this.maxBytes) throw new DecompressedTooLarge();
    if (end > this.buffer.length)
      this.buffer = Buffer.concat([this.buffer], Math.max(end, this.buffer.length * 2));
    if (times === 1) this.buffer[this.length] = byte;
    else this.buffer.fill(byte, this.length, end);
    this.length = end;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}
