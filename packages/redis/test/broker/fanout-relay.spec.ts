import { randomUUID } from 'node:crypto';
import type { Broker, Consumer, Delivery } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { RedisViews } from '../support/redis-views.js';

const withinMs = 20_000;

/** What kombu publishes on the channel of a fanout exchange. */
function published(
  exchange: string,
  { tag = randomUUID(), key = '', priority = 0 }: { tag?: string; key?: string; priority?: number } = {},
): string {
  return JSON.stringify({
    body: Buffer.from('[]').toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { id: tag },
    properties: {
      correlation_id: tag,
      delivery_info: { exchange, routing_key: key },
      priority,
      body_encoding: 'base64',
      delivery_tag: tag,
    },
  });
}

describeWith('redis-server', 'what Python publishes to a fanout exchange', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  afterEach(async () => {
    views.close();
    await redis.flush();
  });
  afterAll(async () => await redis.close());

  /** A broker of its own, with these queues bound to a fanout exchange. */
  async function bound(queues: readonly string[], url = redis.url): Promise<Broker> {
    const { broker } = await views.open(url);
    if (broker === undefined) throw new Error('there is a broker');
    await broker.declare({
      topology: {
        exchanges: [{ name: 'news', type: 'fanout' }],
        queues: queues.map((name) => ({ name })),
        bindings: queues.map((queue) => ({ exchange: 'news', queue, routingKey: '' })),
      },
      deadline: views.deadline(),
    });
    return broker;
  }

  async function consume(broker: Broker, queue: string): Promise<Delivery[]> {
    const seen: Delivery[] = [];
    await consumer(broker, queue, seen);
    return seen;
  }

  async function consumer(broker: Broker, queue: string, seen: Delivery[]): Promise<Consumer> {
    return await broker.consume({
      queues: [queue],
      prefetch: 10,
      consumerId: randomUUID(),
      onDeliveries: (deliveries) => seen.push(...deliveries),
      onLost: () => undefined,
      deadline: views.deadline(),
    });
  }

  const warnings = (): readonly unknown[] =>
    views.warnings.splice(0).map((warning) => (warning as Error & { readonly code?: string }).code);
  const ids = (seen: readonly Delivery[]): readonly string[] =>
    seen.map(({ message }) => String(message.headers['id']));

  it('reaches each bound queue once, whoever hears it, with or without a key', async () => {
    const one = await bound(['a', 'b']);
    const two = await bound(['a', 'b']);
    const seen = [
      await consume(one, 'a'),
      await consume(two, 'a'),
      await consume(one, 'b'),
      await consume(two, 'b'),
    ];
    const tags = Array.from({ length: 20 }, (_, number) => `tag-${number}`);
    for (const [number, tag] of tags.entries()) {
      const key = number % 2 === 0 ? '' : 'some.key';
      const channel = key === '' ? '/0.news' : `/0.news/${key}`;
      expect(await redis.command('PUBLISH', channel, published('news', { tag, key }))).toBe(2);
    }
    await waitFor(() => seen.flat().length === 40, { withinMs, what: 'every queue to have them' });
    for (const [first, second] of [seen.slice(0, 2), seen.slice(2)]) {
      expect([...ids(first ?? []), ...ids(second ?? [])].toSorted()).toStrictEqual(tags.toSorted());
    }
    // None of them has taken the place of another.
    expect(await redis.command('HLEN', 'unacked')).toBe(40);
  });

  it('keeps its priority', async () => {
    const broker = await bound(['a']);
    const seen: Delivery[] = [];
    const first = await consumer(broker, 'a', seen);
    await first.pause();
    await redis.command('PUBLISH', '/0.news', published('news', { tag: 'late', priority: 9 }));
    await redis.command('PUBLISH', '/0.news', published('news', { tag: 'early', priority: 0 }));
    await waitFor(async () => (await redis.command('LLEN', 'a')) === 1, {
      withinMs,
      what: 'both in their lists',
    });
    expect(await redis.command('LLEN', 'a\u0006\u00169')).toBe(1);
    first.resume();
    await waitFor(() => seen.length === 2, { withinMs, what: 'both to be taken' });
    expect(ids(seen)).toStrictEqual(['early', 'late']);
  });

  it('is heard behind a prefix, in its database only', async () => {
    const broker = await bound(['a'], `${redis.url.replace(/0$/, '3')}?keyPrefix=app[1]:`);
    const seen = await consume(broker, 'a');
    expect(await redis.command('PUBLISH', '/0.news', published('news'))).toBe(0);
    expect(await redis.command('PUBLISH', 'app1:/3.news/k', published('news'))).toBe(0);
    expect(await redis.command('PUBLISH', 'app[1]:/3.news/k', published('news', { tag: 'x' }))).toBe(1);
    await waitFor(() => seen.length === 1, { withinMs, what: 'it to come' });
  });

  it('is not doubled by what Lovage publishes itself', async () => {
    const broker = await bound(['a']);
    const seen = await consume(broker, 'a');
    const message = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { id: 'own' },
      properties: {},
      body: '[]',
    };
    const publication = { message, exchange: 'news', routingKey: 'k' };
    await broker.publish({ publications: [publication, publication], deadline: views.deadline() });
    await redis.command('PUBLISH', '/0.news', published('news', { tag: 'last' }));
    await waitFor(() => ids(seen).includes('last'), { withinMs, what: 'the one behind them' });
    expect(ids(seen)).toStrictEqual(['own', 'own', 'last']);
  });

  it('puts nothing into queues that only Python has declared', async () => {
    const broker = await bound(['a']);
    await redis.command('SADD', '_kombu.binding.news', '\u0006\u0016\u0006\u0016python');
    const seen = await consume(broker, 'a');
    await redis.command('PUBLISH', '/0.news', published('news'));
    await broker.publish({
      publications: [
        {
          message: { contentType: '', contentEncoding: '', headers: {}, properties: {}, body: '' },
          exchange: 'news',
          routingKey: '',
        },
      ],
      deadline: views.deadline(),
    });
    await waitFor(() => seen.length === 2, { withinMs, what: 'both to come' });
    expect(await redis.command('EXISTS', 'python')).toBe(0);
  });

  it('is not shown among what our queues have in hand, while a Python listener has it', async () => {
    await bound(['a']);
    const { inspector } = await views.open(redis.url);
    await redis.command(
      'HSET',
      'unacked',
      'x',
      `[${published('news', { tag: 'x', key: 'all' })}, "news", "all"]`,
    );
    await redis.command('ZADD', 'unacked_index', Date.now() / 1000, 'x');
    const queues = await inspector?.queues({ deadline: views.deadline() });
    expect(queues).toMatchObject([{ name: 'a', unsettled: 0 }]);
  });

  it('is heard when the exchange is bound while its queue is consumed', async () => {
    const broker = await bound([]);
    await broker.declare({ topology: { queues: [{ name: 'a' }] }, deadline: views.deadline() });
    const seen = await consume(broker, 'a');
    await broker.declare({
      topology: { bindings: [{ exchange: 'news', queue: 'a', routingKey: '' }] },
      deadline: views.deadline(),
    });
    expect(await redis.command('PUBLISH', '/0.news', published('news'))).toBe(1);
    await waitFor(() => seen.length === 1, { withinMs, what: 'it to come' });
  });

  it('is told and left out where it is damaged', async () => {
    const broker = await bound(['a']);
    const seen = await consume(broker, 'a');
    for (const text of ['no JSON', '{}', published('news', { tag: 'x'.repeat(300) })]) {
      await redis.command('PUBLISH', '/0.news', text);
    }
    await redis.command('PUBLISH', '/0.news', published('news', { tag: 'good' }));
    await waitFor(() => seen.length === 1, { withinMs, what: 'the good one' });
    expect(ids(seen)).toStrictEqual(['good']);
    expect(warnings().filter((code) => code === 'LOVAGE_STORE_DAMAGED')).toHaveLength(3);
  });

  it('reaches the other queues, when keys of some hold something else', async () => {
    const broker = await bound(['a', 'b']);
    await broker.declare({
      topology: { exchanges: [{ name: 'broken', type: 'fanout' }] },
      deadline: views.deadline(),
    });
    await redis.command('SET', '_kombu.binding.broken', 'text');
    const seen = await consume(broker, 'a');
    await redis.command('SET', 'b', 'text');
    await redis.command('PUBLISH', '/0.news', published('news', { tag: 'x' }));
    await waitFor(() => seen.length === 1, { withinMs, what: 'it to come' });
    await waitFor(() => warnings().includes('LOVAGE_STORE_DAMAGED'), {
      withinMs,
      what: 'the other to be told',
    });
    expect(ids(seen)).toStrictEqual(['x']);
  });

  it('is heard again on a new connection', async () => {
    const broker = await bound(['a']);
    const seen = await consume(broker, 'a');
    expect(await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBeGreaterThan(0);
    await waitFor(async () => (await redis.command('PUBLISH', '/0.news', published('news'))) === 1, {
      withinMs,
      what: 'somebody to listen again',
    });
    await waitFor(() => seen.length === 1, { withinMs, what: 'it to come' });
  });

  it('is not heard where the server does not let us, which is told', async () => {
    await redis.command(
      'ACL',
      'SETUSER',
      'deaf',
      'on',
      '>secret',
      '~*',
      '+@all',
      'resetchannels',
      '&lovage:*',
      '&__redis__:invalidate',
    );
    const { broker } = await views.open(redis.url.replace('redis://', 'redis://deaf:secret@'));
    await bound(['a']);
    if (broker === undefined) throw new Error('there is a broker');
    const seen = await consume(broker, 'a');
    await redis.command('LPUSH', 'a', published(''));
    await waitFor(() => seen.length === 1, { withinMs, what: 'the queue to be served' });
    expect(warnings()).toContain('LOVAGE_STORE_REFUSED');
  });
});

describeWith('redis-server', 'what Python publishes to a fanout exchange of a cluster', () => {
  const topology = new ClusterNodes();
  const views = new RedisViews();

  beforeAll(async () => await topology.start());
  afterAll(async () => {
    views.close();
    await topology.close();
  });

  it('is heard wherever it is published', async () => {
    const url = new URL(topology.url);
    url.searchParams.set('keyPrefix', topology.keyPrefix);
    const { broker } = await views.open(url.href);
    const deadline = views.deadline();
    await broker?.declare({
      topology: {
        exchanges: [{ name: 'news', type: 'fanout' }],
        queues: [{ name: 'a' }],
        bindings: [{ exchange: 'news', queue: 'a', routingKey: '' }],
      },
      deadline,
    });
    const seen: Delivery[] = [];
    await broker?.consume({
      queues: ['a'],
      prefetch: 10,
      consumerId: randomUUID(),
      onDeliveries: (deliveries) => seen.push(...deliveries),
      onLost: () => undefined,
      deadline,
    });
    const { nodes } = topology.cluster;
    for (const [number, node] of nodes.entries()) {
      const channel = `${topology.keyPrefix}/0.news${number === 0 ? '' : '/key'}`;
      await node.command('PUBLISH', channel, published('news', { tag: `from ${number}` }));
    }
    await waitFor(() => seen.length === nodes.length, { withinMs, what: 'one from each node' });
    expect(new Set(seen.map(({ message }) => message.headers['id'])).size).toBe(nodes.length);
  });
});
