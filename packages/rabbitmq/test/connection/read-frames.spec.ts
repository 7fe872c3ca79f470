import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { readFrames } from '../../src/connection/read-frames.js';
import { codec, Connection, framesOf, type LibraryConnection } from '../support/amqplib-codec.js';

/** What the other side has sent, in these pieces. */
class Sent extends Duplex {
  constructor(private readonly pieces: Buffer[]) {
    super();
  }

  override read(): Buffer | null {
    return this.pieces.shift() ?? null;
  }
}

/** All frames that can be read, and what is wrong with the next one. */
function framesIn(connection: LibraryConnection): readonly unknown[] {
  const frames: unknown[] = [];
  try {
    for (let frame = connection.recvFrame?.(); frame !== false; frame = connection.recvFrame?.())
      frames.push(frame);
  } catch (error) {
    frames.push(String(error));
  }
  return frames;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function expectSame(bytes: Buffer, size: number): readonly unknown[] {
  const library = new Connection(new Sent(cut(bytes, size)));
  const ours = new Connection(new Sent(cut(bytes, size)));
  readFrames(ours);
  const expected = framesIn(library);
  expect(framesIn(ours)).toEqual(expected);
  return expected;
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('', 'id', 'task', 'ü'));
const shortText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('work', 'é', '\u0000'),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constant(null),
    fc.boolean(),
    fc.integer({ min: -200, max: 70_000 }),
    fc.maxSafeInteger(),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
    fc.record({ '!': fc.constant('timestamp'), value: fc.nat() }),
    fc.record({ '!': fc.constant('int'), value: fc.integer() }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(shortText, tie('value'), { maxKeys: 4 }),
  ),
}));
const headers = fc.dictionary(fc.oneof(shortText, fc.constantFrom('id', 'task', '__proto__')), value, {
  maxKeys: 20,
});

/** What tasks have in their headers, which is read here. */
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constant(null),
    fc.boolean(),
    fc.nat(127),
    fc.record({ '!': fc.constant('int'), value: fc.integer() }),
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.dictionary(shortText, tie('plain'), { maxKeys: 4 }),
  ),
}));
const plainHeaders = fc.dictionary(shortText, plain, { maxKeys: 20 });

const message = fc
  .record({
    fields: fc.record({
      consumerTag: shortText,
      deliveryTag: fc.maxSafeInteger().map(Math.abs),
      redelivered: fc.boolean(),
      exchange: shortText,
      routingKey: shortText,
    }),
    properties: fc.record(
      {
        contentType: shortText,
        contentEncoding: shortText,
        headers: fc.oneof(headers, plainHeaders),
        deliveryMode: fc.constantFrom(1, 2),
        priority: fc.nat(255),
        correlationId: shortText,
        replyTo: shortText,
        type: fc.constantFrom(undefined, undefined, 'rare'),
      },
      { requiredKeys: [] },
    ),
    content: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  })
  .map(({ fields, properties, content }) => framesOf(codec.BasicDeliver, fields, properties, content));

/** As a worker gets it. */
const task = (id: string): Buffer =>
  framesOf(
    codec.BasicDeliver,
    { consumerTag: 'tag', deliveryTag: 7, redelivered: false, exchange: '', routingKey: 'work' },
    {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { lang: 'js', task: 'add', id, retries: 0, timelimit: [null, null], stamps: {}, eta: null },
      deliveryMode: 2,
      correlationId: id,
      replyTo: 'answers',
    },
    Buffer.from('[[1],{},{}]'),
  );

describe('readFrames', () => {
  it('reads deliveries as the client library does, in whatever pieces they come', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.integer({ min: 1, max: 4000 }),
        (messages, size) => {
          expectSame(Buffer.concat(messages), size);
        },
      ),
    );
  });

  it('reads those of tasks itself', () => {
    const connection = new Connection(new Sent(cut(Buffer.concat([task('ä'), task('b')]), 100)));
    connection.recvFrame = () => {
      throw new Error('left to the library');
    };
    readFrames(connection);
    expect(framesIn(connection)).toMatchObject([
      { fields: { deliveryTag: 7, routingKey: 'work' } },
      { fields: { correlationId: 'ä', headers: { id: 'ä', timelimit: [null, null], stamps: {} } } },
      { content: Buffer.from('[[1],{},{}]') },
      { fields: { deliveryTag: 7, routingKey: 'work' } },
      { fields: { correlationId: 'b', headers: { id: 'b', timelimit: [null, null], stamps: {} } } },
      { content: Buffer.from('[[1],{},{}]') },
    ]);
  });

  it('reads damaged bytes as the client library does, or fails as it does', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(message, damage, (frames, places) => {
        const bytes = Buffer.concat([task('a'), frames, task('b')]);
        // A length that promises more is waited for; so only what is in the frames changes.
        for (const [place, byte] of places) bytes[place % bytes.length] = byte;
        expectSame(bytes, bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves what comes after all other frames where it was', () => {
    const heartbeat = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce]);
    expect(expectSame(Buffer.concat([task('a'), heartbeat, task('b')]), 50)).toHaveLength(7);
  });

  it('takes over what the library has read and not used', () => {
    const bytes = Buffer.concat([task('a'), task('b')]);
    const connection = new Connection(new Sent([bytes.subarray(300)]));
    connection.rest = bytes.subarray(0, 300);
    readFrames(connection);
    expect(framesIn(connection)).toHaveLength(6);
  });

  it('refuses a frame that is larger than agreed before it is there', () => {
    const head = Buffer.from([2, 0, 1, 0x7f, 0, 0, 0]);
    const connection = new Connection(new Sent([head]));
    readFrames(connection);
    expect(() => connection.recvFrame?.()).toThrow(/exceeds/);
    expect(() => connection.recvFrame?.()).toThrow(/exceeds/);
  });
});
