import { randomUUID } from 'node:crypto';
import type { Broker, Consumer } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';
import { publicationOf } from '../support/fault-messages.js';
import { RedisViews } from '../support/redis-views.js';

describeWith('redis-server', 'a queue that ends with its last consumer', () => {
  const redis = new RedisServer();
  const views = new RedisViews();
  const topology = { queues: [{ name: 'own', autoDelete: true }] };

  beforeAll(async () => await redis.start());
  afterEach(async () => {
    views.close();
    await redis.flush();
  });
  afterAll(async () => await redis.close());

  const open = async (): Promise<Broker> => {
    const { broker } = await views.open(redis.url);
    if (broker === undefined) throw new Error('no broker');
    await broker.declare({ topology, deadline: views.deadline() });
    return broker;
  };

  it('is there for one who has declared it before that, and consumes it after', async () => {
    const [first, second] = [await open(), await open()];
    const consume = async (broker: Broker, seen: string[]): Promise<Consumer> =>
      await broker.consume({
        consumerId: randomUUID(),
        queues: ['own'],
        prefetch: 1,
        onDeliveries: (deliveries) => seen.push(...deliveries.map(({ queue }) => queue)),
        onLost: () => undefined,
        deadline: views.deadline(),
      });
    const consumer = await consume(first, []);
    await consumer.close({ deadline: views.deadline() });
    const seen: string[] = [];
    await consume(second, seen);
    await second.publish({
      publications: [publicationOf('one', undefined, 'own')],
      deadline: views.deadline(),
    });
    await waitFor(() => seen.length > 0, { withinMs: 20_000, what: 'a message of the queue' });
    expect(seen).toEqual(['own']);
  });
});
