import { randomUUID } from 'node:crypto';
import { brokerOf } from '@lovage/conformance';
import type { Broker, ConsumeParams, Delivery, SettleVerb } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';
import type { RedisDriver } from '../../src/index.js';
import { registerScript } from '../../src/scripts/leases.js';
import { idOf, publicationOf } from '../support/fault-messages.js';
import { RedisViews } from '../support/redis-views.js';

const withinMs = 20_000;

/** A process with one consumer, and what it was handed. */
interface Process {
  readonly driver: RedisDriver;
  readonly broker: Broker;
  readonly seen: Delivery[];
  readonly lost: Delivery[];
}

describeWith('redis-server', 'messages that count only when they begin', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  afterEach(async () => {
    views.close();
    await redis.flush();
  });
  afterAll(async () => await redis.close());

  async function consume(parameters: string, suspectFrom?: number): Promise<Process> {
    const driver = await views.open(`${redis.url}?${parameters}`);
    const broker = brokerOf(driver);
    const [seen, lost]: [Delivery[], Delivery[]] = [[], []];
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: views.deadline() });
    const params: ConsumeParams = {
      consumerId: randomUUID(),
      queues: ['q'],
      prefetch: 100,
      suspectFrom,
      onDeliveries: (deliveries) => seen.push(...deliveries),
      onLost: (deliveries) => lost.push(...deliveries),
      deadline: views.deadline(),
    };
    await broker.consume(params);
    return { driver, broker, seen, lost };
  }

  async function reach({ seen }: Process, count: number): Promise<readonly Delivery[]> {
    await waitFor(() => seen.length >= count, { withinMs, what: `${count} deliveries` });
    return seen;
  }

  async function settle({ broker }: Process, verb: SettleVerb, deliveries: readonly Delivery[]) {
    const settlements = deliveries.map((delivery) => ({
      delivery,
      verb,
      results: [],
      publishes: [],
      joins: [],
    }));
    return await broker.settle({ settlements, deadline: views.deadline() });
  }

  const begin = async ({ broker }: Process, deliveries: readonly Delivery[]): Promise<void> =>
    await broker.begin({ deliveries, deadline: views.deadline() });

  /** Puts messages into the queue which each consumer takes for suspects, from two deliveries on. */
  async function publishSuspects(ids: readonly string[]): Promise<void> {
    const { driver, broker, seen } = await consume('lease=30s');
    await broker.publish({ publications: ids.map((id) => publicationOf(id)), deadline: views.deadline() });
    await waitFor(() => seen.length === ids.length, { withinMs, what: 'all to be delivered' });
    await broker.close({ deadline: views.deadline() });
    driver.destroy();
  }

  const ownersNow = async (): Promise<readonly string[]> =>
    (await redis.command('ZRANGE', 'lovage:leases', '0', '-1')) as readonly string[];

  /** What stands in the hash of the only consumer: fields of its own by name, and what it notes of deliveries. */
  async function held(): Promise<{
    readonly own: Readonly<Record<string, string>>;
    readonly notes: string[];
  }> {
    const [owner = ''] = await ownersNow();
    const fields = (await redis.command('HGETALL', `lovage:held:${owner}`)) as readonly string[];
    const own: Record<string, string> = {};
    const notes: string[] = [];
    for (let at = 0; at < fields.length; at += 2) {
      const [name = '', value = ''] = fields.slice(at, at + 2);
      if (name.startsWith('#')) own[name] = value;
      else notes.push(value.replace(/\d+/g, '0'));
    }
    return { own, notes };
  }

  async function loseLease({ lost }: Process, count: number): Promise<void> {
    for (const owner of await ownersNow()) await redis.command('ZADD', 'lovage:leases', 'XX', '0', owner);
    await waitFor(() => lost.length === count, { withinMs, what: 'the consumer to notice' });
  }

  const countsOf = (deliveries: readonly Delivery[]) =>
    Object.fromEntries(deliveries.map((delivery) => [idOf(delivery), delivery.deliveries]));

  it('leave nothing behind when they are settled, whatever becomes of them', async () => {
    await publishSuspects(['a', 'b', 'c', 'd']);
    const process = await consume('lease=30s', 2);
    const [a, b, c, d] = (await reach(process, 4)) as [Delivery, Delivery, Delivery, Delivery];
    expect((await held()).own['#from']).toBe('2');
    await begin(process, [a, b, c]);
    await begin(process, [c, b]);
    expect((await held()).notes.toSorted()).toStrictEqual(['0.0 q', '0.0* q', '0.0* q', '0.0* q']);
    await settle(process, { kind: 'ack' }, [a, d]);
    await settle(process, { kind: 'park', reason: { code: 'LOVAGE_TASK_UNKNOWN', text: 'x' } }, [b]);
    expect((await held()).notes).toStrictEqual(['0.0* q']);
    await settle(process, { kind: 'requeue' }, [c]);
    const [again] = (await reach(process, 5)).slice(-1);
    // It is another delivery, and has not begun.
    expect((await held()).notes).toStrictEqual(['0.0 q']);
    expect(again?.deliveries).toBe(3);
    // What has ended has no mark any more, and gets none.
    await begin(process, [a, b, c, d]);
    expect((await held()).notes).toStrictEqual(['0.0 q']);
    await process.broker.close({ deadline: views.deadline() });
    expect(await redis.command('KEYS', 'lovage:held:*')).toStrictEqual([]);
  });

  it('are not told of below the number, nor where there is none', async () => {
    await publishSuspects(['a']);
    const process = await consume('lease=30s', 3);
    const [a] = await reach(process, 1);
    await begin(process, a === undefined ? [] : [a]);
    expect((await held()).notes).toStrictEqual(['0.0 q']);
    await process.broker.close({ deadline: views.deadline() });
    const other = await consume('lease=30s');
    expect(countsOf(await reach(other, 1))).toStrictEqual({ a: 3 });
    await begin(other, other.seen);
    const { own, notes } = await held();
    expect([notes, own['#from']]).toStrictEqual([['0.0 q'], undefined]);
  });

  it('come back from the dead without a mark, and nothing is left of their consumer', async () => {
    await publishSuspects(['a', 'b']);
    const dead = await consume('lease=2s', 2);
    await begin(dead, (await reach(dead, 2)).slice(0, 1));
    const [owner = ''] = await ownersNow();
    dead.driver.destroy();
    const process = await consume('lease=500ms', 2);
    expect(countsOf(await reach(process, 2))).toStrictEqual({ a: 3, b: 2 });
    await waitFor(async () => (await redis.command('EXISTS', `lovage:held:${owner}`)) === 0, {
      withinMs,
      what: 'the hash of the dead consumer to go',
    });
    expect((await held()).notes).toStrictEqual(['0.0 q', '0.0 q']);
  });

  it('come back alike when nobody was there for longer than the visibility timeout', async () => {
    await publishSuspects(['a', 'b']);
    const dead = await consume('lease=2s', 2);
    await begin(dead, (await reach(dead, 2)).slice(0, 1));
    dead.driver.destroy();
    const overdue = async (): Promise<boolean> => {
      const [seconds] = (await redis.command('TIME')) as readonly string[];
      const before = `(${Number(seconds) - 1}`;
      const leases = await redis.command('ZCOUNT', 'lovage:leases', '-inf', `${seconds}000`);
      return leases === 1 && (await redis.command('ZCOUNT', 'unacked_index', '-inf', before)) === 2;
    };
    await waitFor(overdue, { withinMs, what: 'lease and visibility timeout to pass' });
    const process = await consume('lease=10s&visibilityTimeout=1s', 2);
    expect(countsOf(await reach(process, 2))).toStrictEqual({ a: 3, b: 2 });
  });

  it('keep their mark when their entries are made young', async () => {
    await publishSuspects(['a', 'b']);
    const process = await consume('lease=10s&visibilityTimeout=4s', 2);
    const [a] = (await reach(process, 2)) as [Delivery];
    const tag = (a as unknown as { readonly tag: string }).tag;
    const score = async (): Promise<number> => Number(await redis.command('ZSCORE', 'unacked_index', tag));
    await begin(process, [a]);
    const before = await score();
    await waitFor(async () => (await score()) > before, { withinMs, what: 'the entry to be made young' });
    expect((await held()).notes.toSorted()).toStrictEqual(['0.0 q', '0.0* q']);
    expect(await settle(process, { kind: 'ack' }, [a])).toStrictEqual([{ kind: 'settled' }]);
    expect((await held()).notes).toStrictEqual(['0.0 q']);
  });

  it('count by the same rules when a living consumer has lost its lease, and under its new one', async () => {
    await publishSuspects(['a', 'b']);
    const process = await consume('lease=3s', 2);
    const [a] = (await reach(process, 2)) as [Delivery];
    await begin(process, [a]);
    await loseLease(process, 2);
    expect(countsOf((await reach(process, 4)).slice(2))).toStrictEqual({ a: 3, b: 2 });
    await loseLease(process, 4);
    expect(countsOf((await reach(process, 6)).slice(4))).toStrictEqual({ a: 3, b: 2 });
  });

  it('are shown in hand, begun or not', async () => {
    await publishSuspects(['a', 'b']);
    const process = await consume('lease=30s', 2);
    await begin(process, (await reach(process, 2)).slice(0, 1));
    const { inspector } = process.driver;
    const deadline = views.deadline();
    const queues = await inspector?.queues({ deadline });
    expect(queues?.find(({ name }) => name === 'q')).toMatchObject({ ready: 0, unsettled: 2 });
    const found = await inspector?.messages({ queue: 'q', place: 'unsettled', limit: 10, deadline });
    expect(found?.messages.map(({ message }) => message.headers['id'])).toStrictEqual(['a', 'b']);
  });

  it('do not begin any more under a lease that has run out', async () => {
    await publishSuspects(['a']);
    const process = await consume('lease=30s', 2);
    const seen = await reach(process, 1);
    const [owner = ''] = await ownersNow();
    await redis.command('ZADD', 'lovage:leases', 'XX', '0', owner);
    await begin(process, seen);
    expect((await held()).notes).toStrictEqual(['0.0 q']);
  });

  it('are known of a consumer that dies before its first claim is answered', async () => {
    const store = await views.store(redis.url);
    await redis.command('SADD', 'lovage:queues', 'q');
    const args = ['owner', 60_000, '["q"]', 2, 1, 'q'];
    await store.run(registerScript, views.deadline(), args);
    expect((await held()).own).toStrictEqual({ '#from': '2' });
  });

  it('begin at the broker that has them, while it is open, and in time', async () => {
    await publishSuspects(['a']);
    const process = await consume('lease=30s', 2);
    const deliveries = await reach(process, 1);
    const other = await views.open(redis.url);
    const deadline = views.deadline();
    await expect(brokerOf(other).begin({ deliveries, deadline })).rejects.toMatchObject({
      code: 'LOVAGE_DELIVERY_FOREIGN',
    });
    await expect(process.broker.begin({ deliveries, deadline: views.deadline(0) })).rejects.toMatchObject({
      code: 'LOVAGE_DEADLINE_PASSED',
    });
    await process.broker.close({ deadline });
    await expect(begin(process, deliveries)).rejects.toMatchObject({ code: 'LOVAGE_STORE_CLOSED' });
  });
});
