import type { FrameWriter } from './frame-writer.js';
import { valueTypes } from './value-types.js';

/** A table of headers, the same as the client library writes it. What is rare fails. */
export function writeTable(writer: FrameWriter, table: Readonly<Record<string, unknown>>): void {
  const from = writer.beginLength();
  // The library writes what is inherited, too.
  for (const name in table) {
    const value = table[name];
    if (value === undefined) continue;
    writer.shortText(name);
    writeValue(writer, value);
    if (writer.failed) return;
  }
  writer.endLength(from);
}

function writeValue(writer: FrameWriter, value: unknown): void {
  if (value === null) writer.byte(valueTypes.nothing);
  else if (typeof value === 'string') {
    writer.byte(valueTypes.text);
    writer.longText(value);
  } else if (typeof value === 'boolean') {
    writer.byte(valueTypes.boolean);
    writer.byte(value ? 1 : 0);
  } else if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 128) {
    writer.byte(valueTypes.byte);
    writer.byte(value);
  } else if (Array.isArray(value)) writeList(writer, value);
  else if (typeof value === 'object' && !ArrayBuffer.isView(value)) {
    writeObject(writer, value as Readonly<Record<string, unknown>>);
  } else writer.failed = true;
}

function writeList(writer: FrameWriter, list: readonly unknown[]): void {
  writer.byte(valueTypes.list);
  const from = writer.beginLength();
  for (const value of list) {
    if (!writer.fits(0)) return;
    writeValue(writer, value);
  }
  writer.endLength(from);
}

/** A table, or a value with a type. */
function writeObject(writer: FrameWriter, object: Readonly<Record<string, unknown>>): void {
  if (!Object.hasOwn(object, '!')) {
    writer.byte(valueTypes.table);
    writeTable(writer, object);
    return;
  }
  const { '!': type, value } = object;
  if (type === 'int' && typeof value === 'number' && (value | 0) === value) {
    writer.byte(valueTypes.int);
    writer.int32(value);
  } else writer.failed = true;
}
