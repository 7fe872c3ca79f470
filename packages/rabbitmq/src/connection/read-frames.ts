import type { Readable } from 'node:stream';
import {
  basicClass,
  contentHeadBytes,
  frameEnd,
  frameHeadBytes,
  frameKinds,
  methods,
} from '../wire/frame-kinds.js';
import { readProperties } from '../wire/read-properties.js';
import { RepeatedTexts } from '../wire/repeated-texts.js';

/** The part of the client library that reads frames. */
export interface FrameReader {
  readonly stream: Readable;
  /** Bytes that were not read yet. */
  rest: Buffer;
  /** Payload of the largest frame that is taken; 0: any. */
  readonly maxFrameSize: number;
  /** Set for each sign of life. */
  recvSinceLastCheck: boolean;
  recvFrame?: () => unknown;
}

const nothing = Buffer.alloc(0);

interface Delivered {
  readonly consumerTag: string;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
}

/**
 * Reads the frames of deliveries in place of the client library, which makes a dozen buffers and twice as many texts for each of them. The result is
 * the same. All other frames, and those in which something is rare or damaged, are left to it.
 */
export function readFrames(reader: FrameReader): void {
  const readByLibrary = reader.recvFrame?.bind(reader);
  if (readByLibrary === undefined || !Buffer.isBuffer(reader.rest)) return;
  const methodTexts = new RepeatedTexts();
  const headerTexts = new RepeatedTexts();
  let bytes = reader.rest;
  let at = 0;
  reader.rest = nothing;

  const known = (from: number, end: number): unknown => {
    if (bytes[end] !== frameEnd) return undefined;
    const channel = bytes.readUInt16BE(at + 1);
    if (bytes[at] === frameKinds.body) return { channel, content: bytes.subarray(from, end) };
    if (bytes[at] === frameKinds.header && end - from >= contentHeadBytes) {
      if (bytes.readUInt16BE(from) !== basicClass) return undefined;
      const fields = readProperties(bytes, from + contentHeadBytes, end, headerTexts);
      const size = bytes.readInt32BE(from + 4) * 2 ** 32 + bytes.readUInt32BE(from + 8);
      return fields && { id: basicClass, channel, size, fields };
    }
    if (bytes[at] === frameKinds.method && end - from >= 4) {
      if (bytes.readUInt32BE(from) !== methods.deliver) return undefined;
      const fields = readDeliver(bytes, from + 4, end, methodTexts);
      return fields && { id: methods.deliver, channel, fields };
    }
    return undefined;
  };

  const other = (end: number): unknown => {
    reader.rest = bytes.subarray(at, end + 1);
    return readByLibrary();
  };

  reader.recvFrame = () => {
    for (;;) {
      const left = bytes.length - at;
      const size = left < frameHeadBytes ? 0 : bytes.readUInt32BE(at + 3);
      const end = at + frameHeadBytes + size;
      const tooLarge = reader.maxFrameSize > 0 && size > reader.maxFrameSize;
      if (left >= frameHeadBytes && (end < bytes.length || tooLarge)) {
        const frame = (tooLarge ? undefined : known(at + frameHeadBytes, end)) ?? other(end);
        at = end + 1;
        return frame;
      }
      const more = reader.stream.read() as Buffer | null;
      if (more === null) return false;
      reader.recvSinceLastCheck = true;
      bytes = left === 0 ? more : Buffer.concat([bytes.subarray(at), more]);
      at = 0;
    }
  };
}

function readDeliver(bytes: Buffer, from: number, end: number, texts: RepeatedTexts): Delivered | undefined {
  const tagEnd = from + 1 + (bytes[from] as number);
  const exchangeAt = tagEnd + 10;
  const exchangeEnd = exchangeAt + (bytes[exchangeAt - 1] ?? 0);
  const keyAt = exchangeEnd + 1;
  if (keyAt + (bytes[exchangeEnd] ?? 0) !== end) return undefined;
  return {
    consumerTag: texts.read(bytes, from + 1, tagEnd, 0),
    deliveryTag: bytes.readUInt32BE(tagEnd) * 2 ** 32 + bytes.readUInt32BE(tagEnd + 4),
    redelivered: ((bytes[tagEnd + 8] as number) & 1) === 1,
    exchange: texts.read(bytes, exchangeAt, exchangeEnd, 1),
    routingKey: texts.read(bytes, keyAt, end, 2),
  };
}
