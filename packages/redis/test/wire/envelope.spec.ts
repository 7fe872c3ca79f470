import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { WireMessage } from '@lovage/core';
import { delayedEntry, envelopeOf } from '../../src/wire/delayed-entry.js';
import { readEnvelope, writeEnvelope } from '../../src/wire/envelope.js';
import { endOfValue, rangeOfMember } from '../../src/wire/json-range.js';
import { envelopeOfEntry, rewriteEnvelope } from '../../src/wire/rewrite-envelope.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"', '\\', '\u0001', '\n'),
);

const messages: fc.Arbitrary<WireMessage> = fc.record({
  contentType: text,
  contentEncoding: text,
  headers: fc
    .dictionary(text, fc.jsonValue(), { noNullPrototype: true })
    .map((headers) => JSON.parse(JSON.stringify(headers)) as WireMessage['headers']),
  properties: fc.record(
    {
      correlationId: text,
      replyTo: text.filter((value) => value !== ''),
      deliveryMode: fc.constantFrom(1 as const, 2 as const),
      priority: fc.nat({ max: 9 }),
      expiration: text,
    },
    { requiredKeys: [] },
  ),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

const task = (id = randomUUID()): WireMessage => ({
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: {
    lang: 'js',
    task: 'mail.send',
    id,
    shadow: null,
    eta: '2026-11-21T13:55:25.595000+00:00',
    expires: null,
    group: null,
    group_index: null,
    retries: 0,
    timelimit: [null, null],
    root_id: id,
    parent_id: null,
    argsrepr: '(2, 3)',
    kwargsrepr: '{}',
    origin: 'gen0@localhost',
    ignore_result: false,
  },
  properties: { correlationId: id, deliveryMode: 2 },
  body: '[[2,3],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]',
});

describe('envelope', () => {
  it('gives back every message and its place', () => {
    fc.assert(
      fc.property(
        messages,
        text,
        text,
        text,
        fc.nat({ max: 9 }),
        fc.record({ redelivered: fc.boolean(), stored: fc.boolean() }),
        (message, tag, exchange, routingKey, deliveries, marks) => {
          const written = writeEnvelope(message, { tag, exchange, routingKey, deliveries, ...marks });
          const { envelope } = readEnvelope(written);
          const counted = deliveries === 0 && marks.redelivered ? 1 : deliveries;
          expect(envelope).toEqual({ message, tag, exchange, routingKey, deliveries: counted, ...marks });
        },
      ),
    );
  });

  it.each([
    ['', 'it is no JSON'],
    ['{"properties":', 'it is no JSON'],
    ['null', 'it has no properties.delivery_tag'],
    ['[1]', 'it has no properties.delivery_tag'],
    ['{"properties":{}}', 'it has no properties.delivery_tag'],
    [
      '{"properties":{"delivery_tag":"t"}}',
      'it has no properties.delivery_info with exchange and routing_key',
    ],
    [
      '{"properties":{"delivery_tag":"t","delivery_info":{"exchange":"","routing_key":"q"}}}',
      'its body is no text',
    ],
    [
      '{"body":"?!","properties":{"body_encoding":"base64","delivery_tag":"t","delivery_info":{"exchange":"","routing_key":"q"}}}',
      'its body is no base64',
    ],
  ])('says what is wrong with %s', (damaged, problem) => {
    expect(readEnvelope(damaged)).toEqual({ problem });
  });

  it('reads what kombu writes, spaces, unknown properties and all', () => {
    const { envelope } = readEnvelope(
      '{"body": "W10=", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"id": "i", "redelivered": true}, ' +
        '"properties": {"correlation_id": "i", "reply_to": "", "origin": "gen1@x", "delivery_mode": 2, "delivery_info": {"exchange": "", ' +
        '"routing_key": "celery", "redelivered": true}, "priority": 0, "body_encoding": "base64", "delivery_tag": "t"}}',
    );
    expect(envelope).toMatchObject({
      tag: 't',
      exchange: '',
      routingKey: 'celery',
      redelivered: true,
      deliveries: 1,
    });
    expect(envelope?.message.properties).toEqual({ correlationId: 'i', deliveryMode: 2, priority: 0 });
    expect(String(envelope?.message.body)).toBe('[]');
  });
});

describe('an envelope that goes back', () => {
  it('has a new tag, its marks and its count; all else is as it was, to the byte', () => {
    fc.assert(
      fc.property(messages, text, fc.nat({ max: 9 }), (message, tag, deliveries) => {
        const written = writeEnvelope(message, { tag, exchange: '', routingKey: 'q' });
        const again = rewriteEnvelope(written, { tag: 'new', deliveries });
        expect(readEnvelope(again).envelope).toEqual({
          message,
          tag: 'new',
          exchange: '',
          routingKey: 'q',
          deliveries,
          redelivered: true,
          stored: false,
        });
        const [, end] = rangeOfMember(again, 'properties') ?? [0, 0];
        expect(written.endsWith(again.slice(end))).toBe(true);
      }),
    );
  });

  it('keeps numbers that JavaScript can not hold', () => {
    const odd =
      '{"headers": {"big": 12345678901234567890, "one": 1.0}, "properties": {"delivery_tag": "t", "delivery_info": {}}, "body": ""}';
    expect(rewriteEnvelope(odd, { tag: 'n', deliveries: 0 })).toContain(
      '{"big": 12345678901234567890, "one": 1.0}',
    );
  });

  it('is found in its entry of the unacknowledged ones', () => {
    fc.assert(
      fc.property(messages, text, (message, exchange) => {
        const written = writeEnvelope(message, { tag: 't', exchange, routingKey: 'q' });
        expect(envelopeOfEntry(`[${written}, ${JSON.stringify(exchange)}, "q"]`)).toBe(written);
      }),
    );
  });
});

describe('ranges in JSON', () => {
  it('end where the value ends', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ', 1]', ',"x":2}'), (json, rest) => {
        expect(endOfValue(json + rest, 0)).toBe(json.length);
      }),
    );
  });

  it('are found for every member of an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const json = JSON.stringify(value);
        for (const [name, member] of Object.entries(JSON.parse(json) as object)) {
          if (JSON.stringify(name) !== `"${name}"`) continue;
          const [from, to] = rangeOfMember(json, name) ?? [0, 0];
          expect(JSON.parse(json.slice(from, to))).toEqual(member);
        }
      }),
    );
    expect(rangeOfMember('{"a":1}', 'b')).toBeUndefined();
    expect(rangeOfMember('{}', 'b')).toBeUndefined();
  });
});

describe('a delayed message', () => {
  it('is the envelope again, whatever is in it', () => {
    fc.assert(
      fc.property(messages, text, fc.constantFrom(0, 3, 6, 9), (message, tag, step) => {
        const written = writeEnvelope(message, { tag, exchange: '', routingKey: 'q' });
        const entry = delayedEntry(step, written, message.headers['id']);
        expect(envelopeOf(entry)).toBe(written);
        expect(entry[0]).toBe(String(step));
      }),
    );
    const id = randomUUID();
    const written = writeEnvelope(task(id), { tag: randomUUID(), exchange: '', routingKey: 'mail' });
    expect(envelopeOf(delayedEntry(0, written, id))).toBe(written);
  });

  it('is much smaller than its envelope', () => {
    const id = randomUUID();
    const written = writeEnvelope(task(id), { tag: randomUUID(), exchange: '', routingKey: 'mail' });
    expect(delayedEntry(0, written, id).length).toBeLessThan(written.length / 3);
  });
});
