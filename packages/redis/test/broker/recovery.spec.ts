import { randomUUID } from 'node:crypto';
import type { Delivery } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

const withinMs = 20_000;

describeWith('redis-server', 'what dead consumers had in hand', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  afterEach(async () => {
    views.close();
    await redis.flush();
  });
  afterAll(async () => await redis.close());

  /** Puts an entry into Celery's table, as a Python consumer that is long gone. */
  async function abandon(exchange: string, routingKey: string, tag: string, score: number): Promise<void> {
    const envelope = {
      body: 'W10=',
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: { id: tag },
      properties: {
        delivery_info: { exchange, routing_key: routingKey },
        body_encoding: 'base64',
        delivery_tag: tag,
      },
    };
    await redis.command('HSET', 'unacked', tag, JSON.stringify([envelope, exchange, routingKey]));
    await redis.command('ZADD', 'unacked_index', score, tag);
  }

  async function consume(url: string): Promise<readonly Delivery[]> {
    const seen: Delivery[] = [];
    const { broker } = await views.open(url);
    const deadline = views.deadline();
    await broker?.declare({ topology: { queues: [{ name: 'mail' }] }, deadline });
    await broker?.consume({
      consumerId: randomUUID(),
      queues: ['mail'],
      prefetch: 10,
      onDeliveries: (deliveries) => seen.push(...deliveries),
      onLost: () => undefined,
      deadline,
    });
    return seen;
  }

  it("is found behind hundreds of Python's entries that belong to no queue, and those stay", async () => {
    for (let index = 0; index < 450; index += 1) await abandon('gone', 'x', `homeless-${index}`, index + 1);
    await abandon('', 'mail', 'at home', 1000);
    const seen = await consume(`${redis.url}?lease=1s&visibilityTimeout=1s`);
    await waitFor(() => seen.length > 0, { withinMs, what: 'the entry behind the others to be restored' });
    expect(seen[0]?.message.headers['id']).toBe('at home');
    expect(seen[0]).toMatchObject({ redelivered: true, deliveries: 2 });
    // It is in hand again, under another tag.
    expect(await redis.command('HLEN', 'unacked')).toBe(451);
    expect(await redis.command('HEXISTS', 'unacked', 'at home')).toBe(0);
  });

  it('goes back to the queue that it came from, when its lease outlasts the visibility timeout', async () => {
    const { broker } = await views.open(`${redis.url}?lease=1h`);
    const queues = ['mail', 'copies'];
    await broker?.declare({
      topology: {
        exchanges: [{ name: 'post', type: 'topic' }],
        queues: queues.map((name) => ({ name })),
        bindings: queues.map((queue) => ({ exchange: 'post', queue, routingKey: '#' })),
      },
      deadline: views.deadline(),
    });
    const message = { contentType: '', contentEncoding: '', headers: {}, properties: {}, body: '' };
    const publications = ['one', 'two', 'three'].map((id) => ({
      message: { ...message, headers: { id } },
      exchange: 'post',
      routingKey: 'k',
    }));
    await broker?.publish({ publications, deadline: views.deadline() });
    const before = await consume(`${redis.url}?lease=1h`);
    await waitFor(() => before.length === 3, { withinMs, what: 'the first consumer to have them' });
    views.close();
    const seen = await consume(`${redis.url}?lease=500ms&visibilityTimeout=1s`);
    await waitFor(() => seen.length === 3, { withinMs, what: 'the second consumer to have them' });
    expect(new Set(seen.map((delivery) => delivery.message.headers['id']))).toStrictEqual(
      new Set(['one', 'two', 'three']),
    );
    expect(await redis.command('LLEN', 'copies')).toBe(3);
  });

  it('is not given to our queues, when it is what a Python listener of a fanout exchange had: they got it as well', async () => {
    const { broker } = await views.open(redis.url);
    await broker?.declare({
      topology: {
        exchanges: [{ name: 'news', type: 'fanout' }],
        queues: [{ name: 'mail' }],
        bindings: [{ exchange: 'news', queue: 'mail', routingKey: '' }],
      },
      deadline: views.deadline(),
    });
    await abandon('news', 'all', 'of a listener', 1);
    await abandon('', 'mail', 'of a queue', 2);
    const seen = await consume(`${redis.url}?lease=500ms&visibilityTimeout=1s`);
    await waitFor(() => seen.length > 0, { withinMs, what: 'what is behind it to be restored' });
    expect(seen.map((delivery) => delivery.message.headers['id'])).toStrictEqual(['of a queue']);
    expect(await redis.command('HEXISTS', 'unacked', 'of a listener')).toBe(1);
  });

  it('is not what a living consumer has, however short the visibility timeout beside its lease', async () => {
    await redis.command('SADD', 'lovage:queues', 'mail');
    await abandon('', 'mail', 'held', 1);
    const seen = await consume(`${redis.url}?lease=30s&visibilityTimeout=1s`);
    // The other looks for what is abandoned all the time.
    await views.open(`${redis.url}?lease=500ms&visibilityTimeout=1s`);
    await waitFor(() => seen.length > 0, { withinMs, what: 'the entry to be restored' });
    const [entry] = seen;
    const young = async (): Promise<number> =>
      Number(await redis.command('ZSCORE', 'unacked_index', (entry as unknown as { tag: string }).tag));
    const first = await young();
    await waitFor(async () => (await young()) > first + 2, { withinMs, what: 'the entry to be made young' });
    expect(seen.length).toBe(1);
  });
});
