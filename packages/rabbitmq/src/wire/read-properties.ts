import { otherFlags, propertyFlags } from './property-flags.js';
import { type TableReader, readTable, unread } from './read-table.js';
import type { RepeatedTexts } from './repeated-texts.js';

/** Properties of a message, with the names that the client library has for them. */
export interface ReadProperties {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  headers: Readonly<Record<string, unknown>> | undefined;
  deliveryMode: number | undefined;
  priority: number | undefined;
  correlationId: string | undefined;
  replyTo: string | undefined;
}

/**
 * Properties and headers of a message as the client library reads them, those included that tasks have.
 *
 * @param from where their flags stand
 * @returns `undefined`: some of them are left to the client library
 */
export function readProperties(
  bytes: Buffer,
  from: number,
  end: number,
  texts: RepeatedTexts,
): ReadProperties | undefined {
  if (from + 2 > end) return undefined;
  const present = bytes.readUInt16BE(from);
  if (present === 0 || (present & otherFlags) !== 0) return undefined;
  const reader: TableReader = { bytes, texts, at: from + 2, place: 0 };
  const has = (flag: number): boolean => (present & flag) !== 0;
  const properties: ReadProperties = {
    contentType: has(propertyFlags.contentType) ? readShort(reader) : undefined,
    contentEncoding: has(propertyFlags.contentEncoding) ? readShort(reader) : undefined,
    headers: undefined,
    deliveryMode: undefined,
    priority: undefined,
    correlationId: undefined,
    replyTo: undefined,
  };
  if (has(propertyFlags.headers)) {
    if (reader.at + 4 > end) return undefined;
    const to = reader.at + 4 + bytes.readUInt32BE(reader.at);
    if (to > end) return undefined;
    reader.at += 4;
    const headers = readTable(reader, to);
    if (headers === unread) return undefined;
    properties.headers = headers;
  }
  if (has(propertyFlags.deliveryMode)) properties.deliveryMode = bytes[reader.at++];
  if (has(propertyFlags.priority)) properties.priority = bytes[reader.at++];
  if (has(propertyFlags.correlationId)) properties.correlationId = readShort(reader);
  if (has(propertyFlags.replyTo)) properties.replyTo = readShort(reader);
  return reader.at === end ? properties : undefined;
}

function readShort(reader: TableReader): string {
  const { bytes } = reader;
  const from = reader.at + 1;
  reader.at = from + (bytes[reader.at] ?? 0);
  return reader.texts.read(bytes, from, reader.at, reader.place++);
}
