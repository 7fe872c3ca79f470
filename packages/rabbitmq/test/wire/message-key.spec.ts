import type { Message } from 'amqplib';
import { messageKey } from '../../src/wire/message-key.js';

const keyOf = (headers: Readonly<Record<string, unknown>>, queue = 'q'): string =>
  messageKey(queue, {
    fields: { exchange: '', routingKey: queue } as Message['fields'],
    properties: {
      correlationId: 'a',
      headers: { id: 'a', task: 'sample', ...headers },
    } as unknown as Message['properties'],
    content: Buffer.from('[[],{},{}]'),
  });

describe('the name of a message', () => {
  it('is the same whenever it is delivered, whatever others add on the way', () => {
    expect(keyOf({ 'x-delivery-count': 2 })).toBe(keyOf({}));
  });

  it.each([
    ['a copy of it', { 'x-lovage-copy': '1' }],
    ['one that was sent back to its queue as a new one, with what was noted of it', { lovage_deliveries: 2 }],
  ])('is not that of %s', (_, headers) => {
    expect(keyOf(headers)).not.toBe(keyOf({}));
  });

  it.each([0, -1, 1.5, 'many', 2n ** 63n, {}])('is not changed by %p where deliveries stand', (count) => {
    expect(keyOf({ lovage_deliveries: count })).toBe(keyOf({}));
  });
});
