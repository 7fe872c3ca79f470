import fc from 'fast-check';
import type { WireMessage } from '@lovage/core';
import { writeMessage } from '../../src/wire/write-message.js';
import { writePublish } from '../../src/wire/write-publish.js';
import { codec, framesOf } from '../support/amqplib-codec.js';

const mostBody = 4096;
const fields = { exchange: '', routingKey: 'work', mandatory: true };

function byLibrary(properties: object, content: Buffer, where: object = fields): Buffer | undefined {
  try {
    return framesOf(codec.BasicPublish, where, properties, content);
  } catch {
    return undefined;
  }
}

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.integer(),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const written = fc
  .record({
    contentType: fc.string({ maxLength: 30 }),
    contentEncoding: fc.string({ maxLength: 30 }),
    headers: fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 20 }), json, { maxKeys: 20 }),
    properties: fc.record(
      {
        correlationId: fc.string({ unit: 'grapheme', maxLength: 60 }),
        replyTo: fc.string({ maxLength: 60 }),
        deliveryMode: fc.constantFrom<1 | 2>(1, 2),
        priority: fc.nat(9),
        expiration: fc.constant('1000'),
      },
      { requiredKeys: [] },
    ),
    body: fc.string({ unit: 'binary', maxLength: 200 }),
  })
  .map((message: WireMessage) => writeMessage(message));

describe('writePublish', () => {
  it('writes the same bytes as the client library, or leaves it to that', () => {
    fc.assert(
      fc.property(
        written,
        fc.record({
          exchange: fc.string(),
          routingKey: fc.string({ unit: 'grapheme' }),
          mandatory: fc.boolean(),
        }),
        ({ content, options }, where) => {
          const frames = writePublish(1, where, options, content, mostBody);
          const expected = byLibrary(options, content, where);
          expect(frames ?? expected).toEqual(expected);
        },
      ),
    );
  });

  it('writes the headers of a task itself', () => {
    const id = '7d3bd35c-ae4f-4a33-9f1c-2cfa0f8a6ab4';
    const { content, options } = writeMessage({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: {
        lang: 'js',
        task: 'mail.send',
        id,
        eta: null,
        retries: 0,
        timelimit: [300, 290],
        argsrepr: `('${'ü'.repeat(100)}',)`,
        ignore_result: false,
        stamps: { a: ['b'] },
      },
      properties: { correlationId: id, replyTo: 'answers', deliveryMode: 2, priority: 3 },
      body: '[[1],{},{}]',
    });
    const frames = writePublish(1, fields, options, content, mostBody);
    expect(frames).toBeDefined();
    expect(frames).toEqual(byLibrary(options, content));
  });

  it('never makes other bytes of anything', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            headers: fc.dictionary(fc.string(), fc.anything()),
            correlationId: fc.anything(),
            priority: fc.anything(),
            deliveryMode: fc.anything(),
            messageId: fc.string(),
          },
          { requiredKeys: [] },
        ),
        (properties) => {
          const frames = writePublish(1, fields, properties as object, Buffer.from('x'), mostBody);
          const expected = byLibrary(properties, Buffer.from('x'));
          expect(frames ?? expected).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a text that fills it', { headers: { a: 'x'.repeat(16_300) } }, 'x'],
    ['many values', { headers: { a: Array.from({ length: 20_000 }, () => null) } }, 'x'],
    [
      'many names',
      { headers: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`n${at}`, at % 9])) },
      'x',
    ],
    ['a name that is too long', { headers: { ['x'.repeat(256)]: 1 } }, 'x'],
    ['a correlation id that is too long', { correlationId: 'ü'.repeat(200) }, 'x'],
    ['a type that is rare', { headers: { a: 1.5 } }, 'x'],
    ['a property that is rare', { messageId: 'a' }, 'x'],
    ['a large body', {}, 'x'.repeat(mostBody + 1)],
  ])('leaves %s to the client library, and writes the next one', (_what, properties, body) => {
    expect(writePublish(1, fields, properties, Buffer.from(body), mostBody)).toBeUndefined();
    const next = { headers: { id: 'a' }, deliveryMode: 2 };
    expect(writePublish(1, fields, next, Buffer.from('x'), mostBody)).toEqual(
      byLibrary(next, Buffer.from('x')),
    );
  });

  it('keeps its memory to itself', () => {
    const first = writePublish(1, fields, { correlationId: 'a' }, Buffer.from('first'), mostBody);
    const copy = Buffer.from(first ?? []);
    writePublish(1, fields, { correlationId: 'b' }, Buffer.from('second'), mostBody);
    expect(first).toEqual(copy);
  });
});
