import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { FrameReader } from '../../src/connection/read-frames.js';
import type { MessageWriter } from '../../src/connection/write-frames.js';

// reason: the library shows none of it, and it is what ours must be the same as.
const load = createRequire(import.meta.url);
const inside = (file: string): unknown => load(join(dirname(load.resolve('amqplib')), 'lib', file));

/** Writes frames as the client library does. */
export interface AmqplibCodec {
  readonly BasicPublish: number;
  readonly BasicDeliver: number;
  readonly BasicProperties: number;
  encodeMethod(method: number, channel: number, fields: object): Buffer;
  encodeProperties(kind: number, channel: number, size: number, properties: object): Buffer;
}

export const codec = inside('defs.js') as AmqplibCodec;

const { makeBodyFrame } = inside('frame.js') as {
  readonly makeBodyFrame: (channel: number, payload: Buffer) => Buffer;
};

/** The frames of one message, as the client library writes them. @throws what it has against it */
export function framesOf(method: number, fields: object, properties: object, content: Buffer): Buffer {
  return Buffer.concat([
    codec.encodeMethod(method, 1, fields),
    codec.encodeProperties(codec.BasicProperties, 1, content.length, properties),
    ...(content.length > 0 ? [makeBodyFrame(1, content)] : []),
  ]);
}

export type LibraryConnection = FrameReader & MessageWriter;

/** A connection of the client library on any stream, with nothing on the other side. */
export const { Connection } = inside('connection.js') as {
  readonly Connection: new (stream: Duplex) => LibraryConnection;
};
