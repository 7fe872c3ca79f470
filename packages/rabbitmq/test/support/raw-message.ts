import type { Writable } from 'node:stream';
import { connect } from 'amqplib';

/** A value of a header as it stands on the wire. */
export type RawValue = Buffer;

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const measured = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);
const named = (name: string | Buffer): Buffer => {
  const bytes = Buffer.from(name as string);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
};
const tagged = (tag: string, bytes: Buffer = Buffer.alloc(0)): RawValue =>
  Buffer.concat([Buffer.from(tag), bytes]);
const entries = (values: readonly (readonly [string | Buffer, RawValue])[]): Buffer =>
  measured(Buffer.concat(values.flatMap(([name, value]) => [named(name), value])));

/** Values as other client libraries write them, and as none does. */
export const rawValue = {
  text: (text: string): RawValue => tagged('S', measured(Buffer.from(text))),
  /** As Python writes it from 2^31. */
  long: (value: bigint): RawValue => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return tagged('L', bytes);
  },
  bytes: (bytes: Buffer): RawValue => tagged('x', measured(bytes)),
  nothing: tagged('V'),
  list: (...values: readonly RawValue[]): RawValue => tagged('A', measured(Buffer.concat(values))),
  table: (values: readonly (readonly [string | Buffer, RawValue])[]): RawValue =>
    tagged('F', entries(values)),
  /** A list in a list in a list. */
  deepList: (depth: number): RawValue => {
    const lists = Array.from({ length: depth }, (_, index) => tagged('A', uint32(1 + 5 * index)));
    return Buffer.concat([...lists.toReversed(), Buffer.from('V')]);
  },
};

export interface RawMessage {
  readonly headers?: readonly (readonly [string | Buffer, RawValue])[];
  /** Up to 255 bytes, also such as are no text. */
  readonly contentType?: string | Buffer;
  readonly correlationId?: string | Buffer;
  readonly replyTo?: string | Buffer;
  readonly body: string | Buffer;
}

function frame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type);
  head.writeUInt16BE(1, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

/** The content header of a message, as a frame. */
export function rawHeader(
  { headers, contentType, correlationId, replyTo }: Omit<RawMessage, 'body'>,
  size = 0,
): Buffer {
  const properties = [
    [1 << 15, contentType === undefined ? undefined : named(contentType)],
    [1 << 13, headers === undefined ? undefined : entries(headers)],
    [1 << 10, correlationId === undefined ? undefined : named(correlationId)],
    [1 << 9, replyTo === undefined ? undefined : named(replyTo)],
  ] as const;
  const head = Buffer.alloc(14);
  head.writeUInt16BE(60);
  head.writeUInt32BE(size, 8);
  head.writeUInt16BE(
    properties.reduce((flags, [flag, bytes]) => (bytes === undefined ? flags : flags | flag), 0),
    12,
  );
  return frame(2, Buffer.concat([head, ...properties.flatMap(([, bytes]) => bytes ?? [])]));
}

/** Publishes to a queue what no client library would. */
export async function publishRaw(url: string, queue: string, messages: readonly RawMessage[]): Promise<void> {
  const sender = await connect(url);
  try {
    const channel = await sender.createConfirmChannel();
    const { stream } = sender.connection as unknown as { readonly stream: Writable };
    const method = Buffer.concat([Buffer.from([0, 60, 0, 40, 0, 0, 0]), named(queue), Buffer.from([0])]);
    for (const message of messages) {
      const body = Buffer.from(message.body as string);
      stream.write(
        Buffer.concat([
          frame(1, method),
          rawHeader(message, body.length),
          ...(body.length > 0 ? [frame(3, body)] : []),
        ]),
      );
    }
    // Asked behind them: when it is answered they are there.
    await channel.checkQueue(queue);
  } finally {
    await sender.close();
  }
}
