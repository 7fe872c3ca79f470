import type { RepeatedTexts } from './repeated-texts.js';
import { valueTypes } from './value-types.js';

/** Tables within tables that are read here. */
const mostLevels = 8;

/** What is read, and how far. */
export interface TableReader {
  readonly bytes: Buffer;
  readonly texts: RepeatedTexts;
  at: number;
  /** Texts read so far. */
  place: number;
}

/** Stands for everything that is left to the client library: types that are rare, and tables that are damaged. */
export const unread = Symbol('unread');

/**
 * A table of headers, the same as the client library reads it, in a third of the time.
 *
 * @returns `unread`: something in it is left to the client library
 */
export function readTable(
  reader: TableReader,
  end: number,
  level = 0,
): Record<string, unknown> | typeof unread {
  const { bytes, texts } = reader;
  const table: Record<string, unknown> = {};
  while (reader.at < end) {
    const nameAt = reader.at + 1;
    const valueAt = nameAt + (bytes[reader.at] as number);
    if (valueAt >= end) return unread;
    const name = texts.read(bytes, nameAt, valueAt, reader.place++);
    reader.at = valueAt;
    const value = readValue(reader, end, level);
    // There it would not be the name of a value.
    if (value === unread || name === '__proto__') return unread;
    table[name] = value;
  }
  return reader.at === end ? table : unread;
}

function readList(reader: TableReader, end: number, level: number): unknown[] | typeof unread {
  const list: unknown[] = [];
  while (reader.at < end) {
    const value = readValue(reader, end, level);
    if (value === unread) return unread;
    list.push(value);
  }
  return reader.at === end ? list : unread;
}

function readValue(reader: TableReader, end: number, level: number): unknown {
  const { bytes } = reader;
  const from = reader.at + 1;
  const type = bytes[reader.at];
  if (type === valueTypes.nothing) {
    reader.at = from;
    return null;
  }
  if (type === valueTypes.byte || type === valueTypes.boolean) {
    if (from >= end) return unread;
    reader.at = from + 1;
    return type === valueTypes.byte ? bytes.readInt8(from) : bytes[from] !== 0;
  }
  if (from + 4 > end) return unread;
  if (type === valueTypes.int) {
    reader.at = from + 4;
    return bytes.readInt32BE(from);
  }
  const begin = from + 4;
  const to = begin + bytes.readUInt32BE(from);
  if (to > end) return unread;
  if (type === valueTypes.text) {
    reader.at = to;
    return reader.texts.read(bytes, begin, to, reader.place++);
  }
  if (level >= mostLevels) return unread;
  reader.at = begin;
  if (type === valueTypes.list) return readList(reader, to, level + 1);
  return type === valueTypes.table ? readTable(reader, to, level + 1) : unread;
}
