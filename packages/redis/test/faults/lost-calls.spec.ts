import { randomUUID } from 'node:crypto';
import { type Delivery, type Ledger, type ResultStore, type SettleVerb, SystemClock } from '@lovage/core';
import { describeWith, FaultProxy, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';
import { idOf, publicationOf, resultOf } from '../support/fault-messages.js';

const withinMs = 30_000;
const callMs = 20_000;
/** Lives under way at once, each with a proxy and keys of its own. */
const lanes = 6;

/** What is left of a life, for comparison with one that nothing happened to. */
interface Trace {
  /** Each delivery: id and how often it was handed out. */
  readonly deliveries: readonly string[];
  readonly outcomes: readonly string[];
  readonly results: readonly string[];
  readonly left: Readonly<Record<string, unknown>>;
}

interface Life {
  readonly trace: Trace;
  readonly requests: number;
  /** Calls that took longer than they may. */
  readonly late: readonly string[];
}

describeWith('redis-server', 'whatever call is lost', () => {
  const redis = new RedisServer();
  const clock = new SystemClock();
  let lives = 0;

  beforeAll(async () => await redis.start());
  afterAll(async () => await redis.close());

  /** Everything that can happen to tasks, from the first connection to the last. */
  async function live(arm: (proxy: FaultProxy) => void): Promise<Life> {
    const views = new RedisViews();
    const proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
    await proxy.start();
    arm(proxy);
    lives += 1;
    const prefix = `life${lives}:`;
    const late: string[] = [];
    const inTime = async <T>(what: string, call: Promise<T>): Promise<T> => {
      const from = clock.monoNow();
      try {
        return await call;
      } finally {
        if (clock.monoNow() - from > callMs + 1000) late.push(what);
      }
    };
    const deadline = () => views.deadline(callMs);
    try {
      const url = `${proxy.urlOf(redis.url)}?keyPrefix=${prefix}&lease=5s`;
      const { broker, results, ledger } = await views.open(url);
      if (broker === undefined || results === undefined || ledger === undefined) throw new Error('no ports');
      await inTime(
        'declare',
        broker.declare({
          topology: {
            exchanges: [{ name: 'e', type: 'direct' }],
            queues: [{ name: 'q' }],
            bindings: [{ exchange: 'e', queue: 'q', routingKey: 'k' }],
          },
          deadline: deadline(),
        }),
      );
      const deliveries: Delivery[] = [];
      const outcomes: string[] = [];
      const publish = async (id: string, notBefore?: number) =>
        await inTime(
          'publish',
          broker.publish({
            publications: [
              {
                ...publicationOf(id, notBefore, notBefore === undefined ? 'q' : 'k'),
                exchange: notBefore === undefined ? '' : 'e',
                sent: resultOf(id, 'PENDING'),
              },
            ],
            deadline: deadline(),
          }),
        );
      await publish('plain');
      await publish('delayed', Date.now() + 30);
      const consumer = await inTime(
        'consume',
        broker.consume({
          consumerId: randomUUID(),
          queues: ['q'],
          prefetch: 4,
          suspectFrom: 3,
          onDeliveries: (some) => deliveries.push(...some),
          onLost: (some) => outcomes.push(...some.map((one) => `lost ${idOf(one)}`)),
          deadline: deadline(),
        }),
      );
      const taken = async (id: string, times = 1): Promise<Delivery> =>
        await waitFor(() => deliveries.filter((one) => idOf(one) === id)[times - 1], {
          withinMs,
          what: `${id} is delivered`,
        });
      const settle = async (delivery: Delivery, verb: SettleVerb, state?: string, follow?: string) => {
        const settlement = {
          delivery,
          verb,
          results: state === undefined ? [] : [resultOf(idOf(delivery), state)],
          publishes: follow === undefined ? [] : [publicationOf(follow)],
          joins: [],
        };
        const answer = await inTime(
          'settle',
          broker.settle({ settlements: [settlement], deadline: deadline() }),
        );
        outcomes.push(`${verb.kind} ${idOf(delivery)} ${JSON.stringify(answer)}`);
      };
      const plain = await taken('plain');
      await inTime('put', results.put({ results: [resultOf('plain', 'STARTED')], deadline: deadline() }));
      await settle(plain, { kind: 'ack' }, 'SUCCESS', 'next');
      await settle(await taken('next'), { kind: 'requeue' });
      await settle(await taken('next', 2), { kind: 'requeue', delayMs: 20 });
      await inTime('begin', broker.begin({ deliveries: [await taken('next', 3)], deadline: deadline() }));
      await settle(await taken('next', 3), { kind: 'release' });
      await settle(await taken('next', 4), { kind: 'ack' }, 'FAILURE');
      await settle(await taken('delayed'), {
        kind: 'park',
        reason: { code: 'LOVAGE_TASK_UNKNOWN', text: 'x' },
      });
      await publish('revoked');
      await revoke(ledger, 'revoked');
      await settle(await taken('revoked'), { kind: 'ack' }, 'REVOKED');
      await publish('kept');
      await taken('kept');
      const states = await inTime('get', statesOf(results, ['plain', 'next', 'revoked', 'kept', 'never']));
      await inTime('forget', results.forget({ taskIds: ['plain'], deadline: deadline() }));
      states.push(...(await inTime('get', statesOf(results, ['plain']))));
      await inTime('close', consumer.close({ deadline: deadline() }));
      for (const port of [broker, results, ledger])
        await inTime('close', port.close({ deadline: deadline() }));
      return {
        trace: {
          deliveries: deliveries.map((one) => `${idOf(one)} ${one.deliveries} ${one.redelivered}`).toSorted(),
          outcomes: outcomes.toSorted(),
          results: states,
          left: await leftUnder(prefix),
        },
        requests: proxy.seen(),
        late,
      };
    } finally {
      views.close();
      await proxy.close();
    }

    async function revoke(port: Ledger, taskId: string): Promise<void> {
      const revocations = [{ taskId, terminate: true }];
      await inTime('revoke', port.revoke({ revocations, ttlMs: 60_000, deadline: deadline() }));
      const found = await inTime('revoked', port.revoked({ taskIds: [taskId], deadline: deadline() }));
      if (!found.has(taskId)) throw new Error('it should be revoked');
    }

    async function statesOf(port: ResultStore, taskIds: readonly string[]): Promise<string[]> {
      const found = await port.get({ taskIds, deadline: deadline() });
      return found.map((one) => one?.state ?? 'none');
    }
  }

  async function leftUnder(prefix: string): Promise<Readonly<Record<string, unknown>>> {
    const count = async (command: string, key: string) => await redis.command(command, `${prefix}${key}`);
    return {
      ready: await count('LLEN', 'q'),
      delayed: await count('ZCARD', 'lovage:delayed:q'),
      unacked: await count('HLEN', 'unacked'),
      index: await count('ZCARD', 'unacked_index'),
      parked: await count('ZCARD', 'lovage:parked:q'),
      leases: await count('ZCARD', 'lovage:leases'),
      consumers: await count('HLEN', 'lovage:consumers'),
      held: await redis.command('KEYS', `${prefix}lovage:held:*`),
    };
  }

  async function everyLife(arm: (proxy: FaultProxy, nth: number) => void): Promise<number> {
    const calm = await live(() => undefined);
    expect(calm.trace.deliveries).toStrictEqual([
      'delayed 1 false',
      'kept 1 false',
      'next 1 false',
      'next 2 true',
      'next 3 true',
      'next 3 true',
      'plain 1 false',
      'revoked 1 false',
    ]);
    expect(calm.trace.left).toStrictEqual({
      ready: 1,
      delayed: 0,
      unacked: 0,
      index: 0,
      parked: 1,
      leases: 0,
      consumers: 0,
      held: [],
    });
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < calm.requests) {
        next += 1;
        const nth = next;
        const life = await live((proxy) => arm(proxy, nth));
        expect({ nth, ...life.trace }).toStrictEqual({ nth, ...calm.trace });
        expect(life.late).toStrictEqual([]);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return calm.requests;
  }

  it('after it was executed, a life goes as it would have gone', async () => {
    expect(await everyLife((proxy, nth) => proxy.loseReply({ nth }))).toBeGreaterThan(40);
  });

  it('before it was executed, a life goes as it would have gone', async () => {
    expect(await everyLife((proxy, nth) => proxy.loseRequest({ nth }))).toBeGreaterThan(40);
  });
});
