import type { Broker, InspectedMessage, Inspector, MessagePlace, QueueInfo } from '@lovage/core';
import { describeWith, RedisServer } from '@lovage/services';
import { separator } from '../../src/keys.js';
import { RedisViews } from '../support/redis-views.js';

/** An envelope as Python writes it. */
const envelope = (id: string, parts: { readonly exchange?: string; readonly key?: string } = {}): string =>
  JSON.stringify({
    body: Buffer.from('[]').toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { id },
    properties: {
      delivery_info: { exchange: parts.exchange ?? '', routing_key: parts.key ?? 'q' },
      delivery_tag: `tag of ${id}`,
      body_encoding: 'base64',
    },
  });

describeWith('redis-server', 'the inspector on Redis', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  beforeEach(async () => await redis.flush());
  afterEach(() => views.close());
  afterAll(async () => await redis.close());

  async function opened(
    url = redis.url,
  ): Promise<{ readonly inspector: Inspector; readonly broker: Broker }> {
    const { inspector, broker } = await views.open(url);
    if (inspector === undefined || broker === undefined) throw new Error('a port is missing');
    return { inspector, broker };
  }

  const page = async (
    inspector: Inspector,
    place: MessagePlace,
    limit = 1000,
    cursor?: string,
    queue = 'q',
  ) => await inspector.messages({ queue, place, limit, cursor, deadline: views.deadline() });

  async function all(
    inspector: Inspector,
    place: MessagePlace,
    limit: number,
  ): Promise<readonly InspectedMessage[]> {
    const found: InspectedMessage[] = [];
    for (let cursor: string | undefined, round = 0; ; round += 1) {
      const next = await page(inspector, place, limit, cursor);
      found.push(...next.messages);
      ({ cursor } = next);
      if (cursor === undefined) return found;
      if (round > 1000) throw new Error('paging does not end');
    }
  }

  const info = async (inspector: Inspector, name = 'q'): Promise<QueueInfo | undefined> =>
    (await inspector.queues({ deadline: views.deadline() })).find((queue) => queue.name === name);

  const idsOf = (messages: readonly InspectedMessage[]): readonly unknown[] =>
    messages.map(({ message }) => message.headers['id']);

  /** As a Python consumer does that has taken a message. */
  async function takenByPython(id: string, at: number, exchange: string, key: string): Promise<void> {
    const entry = `[${envelope(id, { exchange, key })}, ${JSON.stringify(exchange)}, ${JSON.stringify(key)}]`;
    await redis.command('HSET', 'unacked', `tag of ${id}`, entry);
    await redis.command('ZADD', 'unacked_index', at, `tag of ${id}`);
  }

  it('shows what Python has in hand, by exchange and routing key', async () => {
    const { inspector, broker } = await opened();
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: views.deadline() });
    await redis.command('SADD', '_kombu.binding.celery', ['celery', '', 'q'].join(separator));
    await redis.command('SADD', '_kombu.binding.t', ['a.#', '^a\\..*?$', 'q'].join(separator));
    await takenByPython('2', 20.5, '', 'q');
    await takenByPython('1', 10.25, 'celery', 'celery');
    await takenByPython('3', 30, 't', 'a.b');
    await takenByPython('4', 40, 'celery', 'grün "x"');
    await takenByPython('5', 50, '', 'grün "x"');
    expect(await info(inspector)).toMatchObject({ unsettled: 3, consumers: 0 });
    const messages = await all(inspector, 'unsettled', 2);
    expect(idsOf(messages)).toStrictEqual(['1', '2', '3']);
    expect(messages[0]).toMatchObject({ queue: 'q', place: 'unsettled', deliveries: 1 });
    await redis.command('LPUSH', 'grün "x"', envelope('6'));
    expect(idsOf((await page(inspector, 'unsettled', 10, undefined, 'grün "x"')).messages)).toStrictEqual([
      '5',
    ]);
  });

  it('lists the queues of Python, but not those of its remote control and events', async () => {
    const { inspector } = await opened();
    const bind = async (exchange: string, queue: string, key = exchange): Promise<unknown> =>
      await redis.command('SADD', `_kombu.binding.${exchange}`, [key, '', queue].join(separator));
    await bind('celery', 'celery');
    await bind('mail', 'mail.in');
    await bind('celery.pidbox', 'w1@host.celery.pidbox', '');
    await bind('reply.celery.pidbox', '0e.reply.celery.pidbox', '0e');
    await bind('celeryev', 'celeryev.0f', 'worker.#');
    await redis.command('LPUSH', 'celery', envelope('1'));
    const queues = await inspector.queues({ deadline: views.deadline() });
    expect(queues.map(({ name, ready }) => [name, ready])).toStrictEqual([
      ['celery', 1],
      ['mail.in', 0],
    ]);
    expect(idsOf((await page(inspector, 'ready', 10, undefined, 'celery')).messages)).toStrictEqual(['1']);
    await redis.command('DEL', '_kombu.binding.mail');
    // One pass may have begun before.
    await inspector.queues({ deadline: views.deadline() });
    expect(await info(inspector, 'mail.in')).toBeUndefined();
  });

  it('finds the queues of Python among many keys, a part with each call, behind any prefix', async () => {
    const { inspector } = await opened(`${redis.url}?keyPrefix=${encodeURIComponent('a[b]*?\\:')}`);
    await redis.command('SADD', 'a[b]*?\\:_kombu.binding.celery', ['celery', '', 'celery'].join(separator));
    await redis.command('SADD', 'ab:_kombu.binding.other', ['other', '', 'other'].join(separator));
    const lua = "for n = 1, 30000 do redis.call('SET', 'key' .. n, '') end";
    await redis.command('EVAL', lua, 0);
    const calls = [];
    for (let call = 0; call < 5; call += 1)
      calls.push((await inspector.queues({ deadline: views.deadline() })).map(({ name }) => name));
    expect(calls.at(-1)).toStrictEqual(['celery']);
  });

  it('shows damaged entries as they are', async () => {
    const { inspector } = await opened();
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    await redis.command('LPUSH', 'q', bytes, '{}', '[1]', envelope('1'));
    await redis.command('ZADD', 'lovage:delayed:q', 5, bytes, 5, '3no line', 6, '3id\nno \u0002 envelope');
    await redis.command('ZADD', 'lovage:parked:q', 5, bytes, 6, '{"envelope":"no JSON"}', 7, '[]', 8, 'null');
    await takenByPython('1', 1, '', 'q');
    await redis.command('HSET', 'unacked', 'x', '[, "", "q"]');
    await redis.command('ZADD', 'unacked_index', 2, 'x');
    const shown = await Promise.all(
      (['ready', 'delayed', 'unsettled', 'parked'] as const).map(
        async (place) => (await page(inspector, place)).messages,
      ),
    );
    expect(shown.map(({ length }) => length)).toStrictEqual([4, 3, 2, 4]);
    expect(shown[0]?.[0]?.message).toStrictEqual({
      contentType: 'application/octet-stream',
      contentEncoding: 'binary',
      headers: {},
      properties: {},
      body: bytes,
    });
    expect(shown[0]?.map(({ message }) => message.headers['id'])).toStrictEqual([
      undefined,
      undefined,
      undefined,
      '1',
    ]);
    expect(shown[3]?.map(({ message }) => message.body)).toStrictEqual([
      bytes,
      Buffer.from('no JSON'),
      Buffer.from('[]'),
      Buffer.from('null'),
    ]);
  });

  it('tells which key holds something else', async () => {
    const { inspector, broker } = await opened();
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: views.deadline() });
    await redis.command('SET', 'q', 'text');
    await redis.command('SET', 'lovage:parked:q', 'text');
    for (const [place, key] of [
      ['ready', '"q"'],
      ['parked', '"lovage:parked:q"'],
    ] as const) {
      await expect(page(inspector, place)).rejects.toMatchObject({
        code: 'LOVAGE_STORE_DAMAGED',
        message: expect.stringContaining(`${key} holds a string`),
      });
    }
    expect(await info(inspector)).toMatchObject({ ready: 0, parked: 0 });
  });

  it('refuses queues that are not there, and cursors that no page gave', async () => {
    const { inspector } = await opened();
    for (const place of ['ready', 'delayed', 'unsettled', 'parked'] as const) {
      await expect(page(inspector, place)).rejects.toMatchObject({ code: 'LOVAGE_QUEUE_UNDECLARED' });
    }
    await redis.command('LPUSH', 'q', envelope('1'));
    for (const place of ['ready', 'delayed', 'unsettled', 'parked'] as const) {
      for (const cursor of ['', 'x', '1', 'x:1', '1:-1x ', '1:\n'])
        await expect(page(inspector, place, 1, cursor)).rejects.toMatchObject({
          code: 'LOVAGE_OPTION_INVALID',
        });
    }
  });

  it('shows waiting messages by their class of priority, over pages of any size', async () => {
    const { inspector } = await opened();
    const expected: string[] = [];
    for (const step of ['', `${separator}3`, `${separator}6`, `${separator}9`]) {
      const ids = Array.from({ length: 25 }, (_, index) => `${step.slice(2)}-${index}`);
      await redis.command('LPUSH', `q${step}`, ...ids.map((id) => envelope(id)));
      expected.push(...ids);
    }
    for (const limit of [1, 7, 20, 25, 99, 100, 1000])
      expect(idsOf(await all(inspector, 'ready', limit))).toStrictEqual(expected);
    expect(await info(inspector, 'q')).toBeUndefined();
  });

  it('keeps pages small when messages are large', async () => {
    const { inspector } = await opened();
    const large = 'x'.repeat(1_000_000);
    const lua = `for n = 1, 40 do
      redis.call('LPUSH', 'q', ARGV[1] .. n)
      redis.call('ZADD', 'lovage:delayed:q', n, ARGV[1] .. n)
    end`;
    await redis.command('EVAL', lua, 0, large);
    for (const place of ['ready', 'delayed'] as const) {
      const first = await page(inspector, place);
      expect(first.messages.length).toBeLessThan(40);
      expect(first.cursor).toBeDefined();
      expect(await all(inspector, place, 1000)).toHaveLength(40);
    }
  });

  it('keeps the order of more deliveries than a short hash holds, also when their consumer is gone', async () => {
    const { inspector, broker } = await opened();
    const deadline = views.deadline();
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline });
    const ids = Array.from({ length: 300 }, (_, index) => String(index));
    await redis.command('LPUSH', 'q', ...ids.map((id) => envelope(id)));
    const other = await views.open(redis.url);
    let taken = 0;
    const all300 = new Promise<void>((resolve) => {
      void other.broker?.consume({
        consumerId: 'c',
        queues: ['q'],
        prefetch: 300,
        onDeliveries: (deliveries) => {
          taken += deliveries.length;
          if (taken === 300) resolve();
        },
        onLost: () => undefined,
        deadline,
      });
    });
    await all300;
    expect(idsOf(await all(inspector, 'unsettled', 70))).toStrictEqual(ids);
    other.destroy();
    expect(await info(inspector)).toMatchObject({ unsettled: 300 });
    expect(new Set(idsOf(await all(inspector, 'unsettled', 1000))).size).toBe(300);
  });
});
