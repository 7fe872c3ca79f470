import { addToChecksum, checksumStart, combineChecksums } from './bzip2-checksum.js';
import { bzip2 } from './bzip2-format.js';
import { huffmanLengths } from './huffman-lengths.js';
import { sortRotations } from './sort-rotations.js';

/** Small blocks: sorting a large one would hold up the event loop for too long. */
const level = 1;
/** Room that the format leaves in each block. */
const reserve = 19;
const maxRun = 255;
/** As in bzip2 itself, shorter than what readers accept. */
const maxCodeLength = 17;

/** Compresses into one bzip2 stream, some 5 MB a second. */
export function compressBzip2(input: Buffer): Buffer {
  const bits = new BitWriter(input.length);
  bits.write(0x42_5a_68, 24);
  bits.write(48 + level, 8);
  const block = new Uint8Array(level * bzip2.blockUnit - reserve);
  let checksum = 0;
  for (let at = 0; at < input.length; ) {
    const { next, length, blockChecksum } = fillBlock(input, at, block);
    writeBlock(bits, block.subarray(0, length), blockChecksum);
    checksum = combineChecksums(checksum, blockChecksum);
    at = next;
  }
  for (const part of bzip2.endMagic) bits.write(part, 24);
  bits.write32(checksum);
  return bits.bytes();
}

/** Takes as much input as one block holds; runs of four and more bytes become four and a count. */
function fillBlock(
  input: Buffer,
  from: number,
  block: Uint8Array,
): { next: number; length: number; blockChecksum: number } {
  let at = from;
  let length = 0;
  let checksum = checksumStart;
  while (at < input.length && length + bzip2.runBytes < block.length) {
    const byte = input[at] as number;
    let run = 1;
    while (run < maxRun && input[at + run] === byte) run++;
    for (let n = 0; n < run; n++) checksum = addToChecksum(checksum, byte);
    at += run;
    const written = Math.min(run, bzip2.runBytes);
    block.fill(byte, length, length + written);
    length += written;
    if (written === bzip2.runBytes) block[length++] = run - bzip2.runBytes;
  }
  return { next: at, length, blockChecksum: ~checksum >>> 0 };
}

function writeBlock(bits: BitWriter, block: Uint8Array, checksum: number): void {
  const rotations = sortRotations(block);
  for (const part of bzip2.blockMagic) bits.write(part, 24);
  bits.write32(checksum);
  bits.write(0, 1);
  bits.write(rotations.indexOf(0), 24);
  const used = usedBytes(block);
  writeSymbolMap(bits, used);
  writeSymbols(bits, moveToFront(block, rotations, used), used.length + 2);
}

function usedBytes(block: Uint8Array): Uint8Array {
  const isUsed = new Uint8Array(256);
  for (const byte of block) isUsed[byte] = 1;
  return Uint8Array.from(isUsed.keys()).filter((byte) => isUsed[byte] === 1);
}

function writeSymbolMap(bits: BitWriter, used: Uint8Array): void {
  const rows = new Uint16Array(16);
  for (const byte of used) rows[byte >> 4] = (rows[byte >> 4] as number) | (0x80_00 >> (byte & 15));
  bits.write(
    rows.reduce((map, row, index) => (row === 0 ? map : map | (0x80_00 >> index)), 0),
    16,
  );
  for (const row of rows) if (row !== 0) bits.write(row, 16);
}

/** The last column of the sorted rotations as places in a list of recent bytes; runs of the first place in binary. */
function moveToFront(block: Uint8Array, rotations: Int32Array, used: Uint8Array): Uint16Array {
  const recent = Uint8Array.from(used);
  const symbols = new Uint16Array(block.length + 1);
  let length = 0;
  let run = 0;
  const endRun = (): void => {
    for (; run > 0; run = (run - 1) >> 1) symbols[length++] = run % 2 === 1 ? bzip2.runA : bzip2.runB;
  };
  for (const start of rotations) {
    const byte = block[start === 0 ? block.length - 1 : start - 1] as number;
    if (byte === recent[0]) {
      run++;
      continue;
    }
    endRun();
    const place = recent.indexOf(byte);
    recent.copyWithin(1, 0, place);
    recent[0] = byte;
    symbols[length++] = place + 1;
  }
  endRun();
  symbols[length++] = used.length + 1;
  return symbols.subarray(0, length);
}

/** One Huffman table does; the format wants two, so it is written twice. */
function writeSymbols(bits: BitWriter, symbols: Uint16Array, symbolCount: number): void {
  const counts = new Uint32Array(symbolCount);
  for (const symbol of symbols) counts[symbol] = (counts[symbol] as number) + 1;
  const lengths = huffmanLengths(counts, maxCodeLength);
  const selectors = Math.ceil(symbols.length / bzip2.groupSymbols);
  bits.write(bzip2.minTables, 3);
  bits.write(selectors, 15);
  for (let i = 0; i < selectors; i++) bits.write(0, 1);
  for (let i = 0; i < bzip2.minTables; i++) writeLengths(bits, lengths);
  const codes = canonicalCodes(lengths);
  for (const symbol of symbols) bits.write(codes[symbol] as number, lengths[symbol] as number);
}

function writeLengths(bits: BitWriter, lengths: Uint8Array): void {
  let present = lengths[0] as number;
  bits.write(present, 5);
  for (const length of lengths) {
    for (; present < length; present++) bits.write(0b10, 2);
    for (; present > length; present--) bits.write(0b11, 2);
    bits.write(0, 1);
  }
}

function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= maxCodeLength; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++)
      if (lengths[symbol] === length) codes[symbol] = code++;
    code *= 2;
  }
  return codes;
}

/** Writes bits, highest first. */
class BitWriter {
  private buffer: Buffer;
  private length = 0;
  private held = 0;
  private heldBits = 0;

  constructor(expectedBytes: number) {
    this.buffer = Buffer.allocUnsafe(expectedBytes + 1024);
  }

  /** @param count at most 24 */
  write(value: number, count: number): void {
    this.held = (this.held << count) | value;
    this.heldBits += count;
    while (this.heldBits >= 8) {
      this.heldBits -= 8;
      this.put((this.held >>> this.heldBits) & 0xff);
    }
  }

  write32(value: number): void {
    this.write(value >>> 16, 16);
    this.write(value & 0xff_ff, 16);
  }

  /** Fills up the last byte. */
  bytes(): Buffer {
    if (this.heldBits > 0) this.write(0, 8 - this.heldBits);
    return this.buffer.subarray(0, this.length);
  }

  private put(byte: number): void {
    if (this.length === this.buffer.length) this.buffer = Buffer.concat([this.buffer], this.length * 2);
    this.buffer[this.length++] = byte;
  }
}
