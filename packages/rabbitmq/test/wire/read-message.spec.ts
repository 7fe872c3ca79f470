import fc from 'fast-check';
import type { Message } from 'amqplib';
import type { WireMessage } from '@lovage/core';
import { readMessage } from '../../src/wire/read-message.js';
import { writeMessage } from '../../src/wire/write-message.js';

function raw(
  properties: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, unknown>> = {},
): Message {
  return {
    content: Buffer.from('[]'),
    fields: { deliveryTag: 1, redelivered: false, exchange: '', routingKey: 'q', ...fields },
    properties: properties as unknown as Message['properties'],
  };
}

const message = (headers: Readonly<Record<string, unknown>>): WireMessage => ({
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers,
  properties: {},
  body: '[]',
});

describe('readMessage', () => {
  it('takes the headers of RabbitMQ and of Lovage off', () => {
    const read = readMessage(
      raw({
        headers: {
          id: 'a',
          'x-death': [{ count: 1 }],
          'x-first-death-queue': 'celery_delayed_0',
          'x-delivery-count': 3,
          'x-lovage-deliveries': 2,
          'x-lovage-handed': true,
          'x-lovage-exchange': 'media',
          'x-lovage-routing-key': 'a.b',
          'x-lovage-expiration': '5000',
          'x-mine': 1,
        },
      }),
    );
    expect(read.message.headers).toEqual({ id: 'a', 'x-mine': 1 });
    expect(read.message.properties).toEqual({ expiration: '5000' });
    expect(read).toMatchObject({
      deliveries: 2,
      handed: true,
      returns: 3,
      exchange: 'media',
      routingKey: 'a.b',
    });
  });

  it('finds the routing key of a message that Celery has delayed', () => {
    const prefix = Array.from({ length: 28 }, (_, index) => index % 2).join('.');
    const read = readMessage(raw({}, { exchange: 'celery_delayed_delivery', routingKey: `${prefix}.a.b` }));
    expect(read.routingKey).toBe('a.b');
  });

  it('reads headers and properties that make no sense without a word: core parks what is no task', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything()),
        fc.dictionary(fc.string(), fc.anything()),
        (headers, properties) => {
          for (const name of [
            'x-lovage-deliveries',
            'x-lovage-handed',
            'x-lovage-not-before',
            'x-delivery-count',
          ])
            Object.assign(headers, { [name]: properties[name] ?? headers['a'] });
          const read = readMessage(raw({ ...properties, headers }));
          expect(Number.isSafeInteger(read.deliveries) && read.deliveries >= 0).toBe(true);
          expect(typeof read.message.contentType).toBe('string');
        },
      ),
    );
  });

  it('gives headers that nobody can change, and that inherit nothing', () => {
    const { headers } = readMessage(raw({ headers: { id: 'a', timelimit: [null, 1] } })).message;
    expect(headers).toEqual({ id: 'a', timelimit: [null, 1] });
    expect(Object.isFrozen(headers)).toBe(true);
    // So the client library reads a header "__proto__".
    const inheriting: object = Object.setPrototypeOf({ id: 'a' }, { task: 'evil' });
    const read = readMessage(raw({ headers: inheriting })).message;
    expect(Object.getPrototypeOf(read.headers)).toBe(Object.prototype);
    expect(read.headers['task']).toBeUndefined();
  });

  it('makes plain values of the types of AMQP', () => {
    const read = readMessage(
      raw({
        headers: {
          at: { '!': 'timestamp', value: 1_700_000_000 },
          price: { '!': 'decimal', value: { places: 2, digits: 1234 } },
          bytes: Buffer.from('text'),
          list: [{ '!': 'timestamp', value: 0 }],
        },
      }),
    );
    expect(read.message.headers).toEqual({
      at: '2023-11-14T22:13:20.000Z',
      price: 12.34,
      bytes: 'text',
      list: ['1970-01-01T00:00:00.000Z'],
    });
  });
});

describe('writeMessage', () => {
  it('lets no header pass for a typed value of the client library', () => {
    const { options } = writeMessage(message({ a: { '!': 'timestamp', value: 'x' } }));
    const written = (options.headers as Readonly<Record<string, unknown>>)['a'];
    expect(written).toMatchObject({ '!': 'object', value: { '!': 'timestamp', value: 'x' } });
  });

  it('keeps the time to live from the broker, which would drop the message without a word', () => {
    const { options } = writeMessage({
      ...message({}),
      properties: { expiration: '60000', deliveryMode: 2 },
    });
    expect(options.expiration).toBeUndefined();
    expect(options.headers).toEqual({ 'x-lovage-expiration': '60000' });
  });

  it.each([
    ['a name of a header that is too long', message({ ['x'.repeat(256)]: 1 })],
    ['a name within a header that is too long', message({ a: { ['x'.repeat(256)]: 1 } })],
    ['a number that is none', message({ a: Number.NaN })],
    ['a correlation id that is too long', { ...message({}), properties: { correlationId: 'ü'.repeat(200) } }],
  ])('refuses %s', (_what, one) => {
    expect(() => writeMessage(one)).toThrow(expect.objectContaining({ code: 'LOVAGE_VALUE_UNSERIALIZABLE' }));
  });
});
