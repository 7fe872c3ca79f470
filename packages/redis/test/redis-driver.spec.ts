import type { Delivery, Publication } from '@lovage/core';
import { describeWith, FaultProxy, RedisServer, waitFor } from '@lovage/services';
import type { RedisDriver } from '../src/index.js';
import { RedisViews } from './support/redis-views.js';

const withinMs = 30_000;

const publication = (id: string): Publication => ({
  message: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: { id },
    properties: {},
    body: '[]',
  },
  exchange: '',
  routingKey: 'q',
});

describeWith('redis-server', 'the driver of Redis', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  beforeEach(async () => await redis.flush());
  afterEach(() => views.close());
  afterAll(async () => await redis.close());

  const portsOf = ({ broker, results, ledger, inspector }: RedisDriver) =>
    [broker, results, ledger, inspector].filter((port) => port !== undefined);
  const declare = async ({ broker }: RedisDriver): Promise<void> =>
    await broker?.declare({ topology: { queues: [{ name: 'q' }] }, deadline: views.deadline() });
  const publish = async ({ broker }: RedisDriver, id: string) =>
    await broker?.publish({ publications: [publication(id)], deadline: views.deadline() });

  async function nothingLeft(): Promise<void> {
    await waitFor(async () => (await redis.clients()).every(({ name }) => !name.startsWith('lovage')), {
      withinMs,
      what: 'all connections are closed',
    });
  }

  it('connects at the first open, and not before', async () => {
    const driver = views.driver(redis.url);
    expect(await redis.clients()).toStrictEqual([]);
    for (const port of portsOf(driver)) await port.close({ deadline: views.deadline() });
    expect(await redis.clients()).toStrictEqual([]);
  });

  it('opens when the server is there at last', async () => {
    const late = new RedisServer();
    try {
      await late.start();
      await late.stop();
      const driver = views.driver(late.url);
      for (const port of portsOf(driver)) {
        await expect(port.open({ deadline: views.deadline(50) })).rejects.toMatchObject({
          code: 'LOVAGE_STORE_UNREACHABLE',
        });
      }
      await late.start();
      for (const port of portsOf(driver)) await port.open({ deadline: views.deadline() });
      await declare(driver);
      expect(await publish(driver, 'a')).toStrictEqual([{ kind: 'accepted' }]);
    } finally {
      views.close();
      await late.close();
    }
  });

  it('opens and closes fifty times, also while it opens, and leaves nothing', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      const ports = portsOf(views.driver(redis.url));
      const deadline = views.deadline();
      const openings = ports.map(async (port) => {
        try {
          await port.open({ deadline });
          return 'open';
        } catch (error) {
          return String((error as { readonly code?: unknown }).code);
        }
      });
      if (round % 2 === 0) await Promise.all(openings);
      // As far as the event loop gets: each round cuts at another place.
      for (let turn = 0; turn < round; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(ports.flatMap((port) => [port.close({ deadline }), port.close({ deadline })]));
      for (const outcome of await Promise.all(openings)) outcomes.add(outcome);
    }
    await nothingLeft();
    expect([...outcomes].toSorted()).toStrictEqual(['LOVAGE_STORE_CLOSED', 'open']);
  });

  it('refuses new work when the server has no memory left, and ends what is in hand', async () => {
    const driver = await views.open(redis.url);
    await declare(driver);
    await publish(driver, 'a');
    const delivered = new Promise<Delivery>((resolve) => {
      void driver.broker?.consume({
        consumerId: 'c',
        queues: ['q'],
        prefetch: 1,
        onDeliveries: ([delivery]) => delivery !== undefined && resolve(delivery),
        onLost: () => undefined,
        deadline: views.deadline(),
      });
    });
    const delivery = await delivered;
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    try {
      await expect(publish(driver, 'b')).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('raise maxmemory'),
      });
      const settlement = {
        delivery,
        verb: { kind: 'ack' },
        results: [{ taskId: 'a', state: 'SUCCESS', document: '{"status":"SUCCESS"}', ttlMs: 60_000 }],
        publishes: [],
        joins: [],
      } as const;
      expect(
        await driver.broker?.settle({ settlements: [settlement], deadline: views.deadline() }),
      ).toMatchObject([{ kind: 'settled' }]);
    } finally {
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
    expect(await redis.command('HLEN', 'unacked')).toBe(0);
    expect(await redis.command('LLEN', 'q')).toBe(0);
    expect(await redis.command('GET', 'celery-task-meta-a')).toBe('{"status":"SUCCESS"}');
  });

  it('does everything once although every answer is lost once', async () => {
    const proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
    try {
      await proxy.start();
      const driver = await views.open(proxy.urlOf(redis.url));
      await declare(driver);
      const { ledger } = driver;
      if (ledger === undefined) throw new Error('no ledger');
      const deadline = views.deadline();
      const losing = async <T>(call: () => Promise<T>): Promise<T> => {
        // The first may be asked for a script that the server does not know.
        const fault = proxy.loseReply({
          matching: ({ command }) => command === 'EVALSHA' || command === 'EVAL',
          nth: 2,
        });
        const outcome = await call();
        if (fault.hasFired) return outcome;
        fault.disarm();
        const again = proxy.loseReply({ matching: ({ command }) => command === 'EVALSHA' });
        const second = await call();
        expect(again.hasFired).toBe(true);
        return second;
      };
      const leases = [];
      for (const name of ['x', 'y']) {
        leases.push(
          await losing(async () => await ledger.acquire({ name, owner: 'a', ttlMs: 60_000, deadline })),
        );
      }
      expect(leases.map(({ kind }) => kind)).toStrictEqual(['acquired', 'acquired']);
      const [first] = leases;
      if (first?.kind !== 'acquired') throw new Error('the name should be free');
      let dueMs = 0;
      const tick = async () => {
        dueMs += 1;
        const one = {
          schedule: 's',
          dueMs,
          lease: first.lease,
          publication: publication(`tick-${dueMs}`),
          ttlMs: 60_000,
        };
        return await ledger.recordTick({ tick: one, deadline });
      };
      expect(await losing(tick)).toStrictEqual({ kind: 'recorded' });
      expect(await redis.command('LLEN', 'q')).toBe(dueMs);
      let sent = 0;
      const outcomes = await losing(async () => await publish(driver, `m-${(sent += 1)}`));
      expect(outcomes).toStrictEqual([{ kind: 'accepted' }]);
      expect(await redis.command('LLEN', 'q')).toBe(dueMs + sent);
      let records = 0;
      const stored = await losing(
        async () =>
          await ledger.putRecord({
            kind: 'k',
            id: String((records += 1)),
            value: 'v',
            expectedVersion: 0,
            deadline,
          }),
      );
      expect(stored).toStrictEqual({ kind: 'stored', version: 1 });
      const request = { bucket: 'b', tokens: 1, capacity: 3, refillPerSecond: 0.000001 };
      let taken = 0;
      await losing(async () => {
        taken += 1;
        return await ledger.takeTokens({ request, deadline });
      });
      for (; taken < 3; taken += 1)
        expect(await ledger.takeTokens({ request, deadline })).toStrictEqual({ kind: 'granted' });
      expect((await ledger.takeTokens({ request, deadline })).kind).toBe('wait');
    } finally {
      views.close();
      await proxy.close();
    }
  });
});
