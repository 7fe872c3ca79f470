import type { Ledger, LedgerChange, Publication, Tick } from '@lovage/core';
import { describeWith, FaultProxy, RedisServer, waitFor } from '@lovage/services';
import type { RedisDriver } from '../../src/index.js';
import { ledgerAcquireScript } from '../../src/scripts/ledger-acquire.js';
import { ledgerDeleteRecordScript, ledgerPutRecordScript } from '../../src/scripts/ledger-record.js';
import { ledgerTicksScript } from '../../src/scripts/ledger-ticks.js';
import { ledgerTokensScript } from '../../src/scripts/ledger-tokens.js';
import { RedisViews } from '../support/redis-views.js';

const toQueue = (routingKey: string): Publication => ({
  message: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: { id: 'x' },
    properties: {},
    body: '[]',
  },
  exchange: '',
  routingKey,
});

describeWith('redis-server', 'the ledger on Redis', () => {
  const redis = new RedisServer();
  const views = new RedisViews();

  beforeAll(async () => await redis.start());
  beforeEach(async () => await redis.flush());
  afterEach(() => views.close());
  afterAll(async () => await redis.close());

  const ledgerOf = ({ ledger }: RedisDriver): Ledger => {
    if (ledger === undefined) throw new Error('no ledger');
    return ledger;
  };
  const opened = async (url = redis.url): Promise<Ledger> => ledgerOf(await views.open(url));

  function watched(ledger: Ledger): LedgerChange[] {
    const told: LedgerChange[] = [];
    ledger.watch({ listener: (change) => told.push(change) });
    return told;
  }

  const revoke = async (ledger: Ledger, taskId: string, ttlMs = 60_000): Promise<void> =>
    await ledger.revoke({
      revocations: [{ taskId, terminate: false }],
      ttlMs,
      deadline: views.deadline(),
    });

  it('answers a call that is repeated after a lost answer as it did the first time', async () => {
    const store = await views.store(redis.url);
    const twice = async (
      ...[script, args]: readonly [Parameters<typeof store.run>[0], (string | number)[]]
    ) => {
      const first = await store.run(script, views.deadline(), args);
      return [first, await store.run(script, views.deadline(), args)];
    };
    const [first, again] = (await twice(ledgerAcquireScript, ['beat', 'a', 60_000])) as [number, string][];
    expect(again).toStrictEqual(first);
    expect(await twice(ledgerPutRecordScript, ['t1', 'k', 'i', 0, 'c', 'm', 'v'])).toStrictEqual([1, 1]);
    expect(await twice(ledgerDeleteRecordScript, ['t2', 'k', 'i', 1, 'c', 'm'])).toStrictEqual([2, 2]);
    // A second call that took once more would have to wait.
    expect(await twice(ledgerTokensScript, ['b', 5, 5, 0.001, 't3', 60_000])).toStrictEqual([0, 0]);
    await redis.command('SADD', 'lovage:queues', 'q');
    const group = ['', 1, 'back', 'q', 'q', '1', 1, '{}', 0];
    const tick = ['t4', 1, 'beat', 'a', String(first?.[1]), '1 s', 60_000, 1, 'run', 's', '{}', 1, ...group];
    expect(await twice(ledgerTicksScript, tick)).toStrictEqual([['recorded'], ['recorded']]);
    expect(await redis.command('HGET', 'lovage:record-values:run', 's')).toBe('1 {}');
    expect(await redis.command('LLEN', 'q')).toBe(1);
  });

  it('records the ticks of one turn in one call, each by itself', async () => {
    const [ledger, deadline] = [await opened(), views.deadline()];
    const acquired = await ledger.acquire({ name: 'leader', owner: 'a', ttlMs: 60_000, deadline });
    if (acquired.kind !== 'acquired') throw new Error('the name should be free');
    const { lease } = acquired;
    await redis.command('SADD', 'lovage:queues', 'q', 'damaged');
    await redis.command('SET', 'damaged', 'no list');
    const record = async (dueMs: number, parts: Partial<Tick> = {}): Promise<string> => {
      const tick = { schedule: 's', dueMs, lease, ttlMs: 60_000, publication: toQueue('q'), ...parts };
      return await ledger.recordTick({ tick, deadline }).then(
        ({ kind }) => kind,
        (error: { readonly code: string }) => error.code,
      );
    };
    await record(0);
    await redis.command('CONFIG', 'RESETSTAT');
    expect(
      await Promise.all([
        record(1),
        record(1),
        record(2, { lease: { ...lease, owner: 'b' } }),
        record(3, { publication: toQueue('damaged') }),
        record(4, { publication: toQueue('nowhere') }),
        record(5),
      ]),
    ).toStrictEqual([
      'recorded',
      'already-recorded',
      'stale-leader',
      'LOVAGE_STORE_REFUSED',
      'unroutable',
      'recorded',
    ]);
    expect(await redis.command('INFO', 'commandstats')).toMatch(/cmdstat_evalsha:calls=1,/);
    expect(await redis.command('LLEN', 'q')).toBe(3);
    // What was not recorded can be when there is a way.
    expect(await record(3)).toBe('recorded');
  });

  it('raises the fence also when the store has lost everything', async () => {
    const ledger = await opened();
    const params = { name: 'leader', ttlMs: 60_000, deadline: views.deadline() };
    const before = await ledger.acquire({ ...params, owner: 'a' });
    await redis.flush();
    const after = await ledger.acquire({ ...params, owner: 'b' });
    if (before.kind !== 'acquired' || after.kind !== 'acquired') throw new Error('the name should be free');
    expect(after.lease.fence).toBeGreaterThan(before.lease.fence);
  });

  it('keeps nothing for ever but the fence and the records', async () => {
    const ledger = await opened();
    const deadline = views.deadline();
    const acquired = await ledger.acquire({ name: 'leader', owner: 'a', ttlMs: 60_000, deadline });
    if (acquired.kind !== 'acquired') throw new Error('the name should be free');
    await redis.command('SADD', 'lovage:queues', 'q');
    const { lease } = acquired;
    const publication = toQueue('q');
    await ledger.recordTick({
      tick: { schedule: 's', dueMs: 1, lease, publication, ttlMs: 60_000 },
      deadline,
    });
    await ledger.takeTokens({
      request: { bucket: 'b', tokens: 1, capacity: 1, refillPerSecond: 1 },
      deadline,
    });
    await ledger.putRecord({ kind: 'k', id: 'i', value: 'v', expectedVersion: 0, deadline });
    const keys = (await redis.command('KEYS', 'lovage:*')) as readonly string[];
    const lasting = [];
    for (const key of keys) if ((await redis.command('PTTL', key)) === -1) lasting.push(key);
    expect(lasting.toSorted()).toStrictEqual([
      'lovage:fence',
      'lovage:queues',
      'lovage:record-values:k',
      'lovage:records:k',
    ]);
  });

  // reason: it waits for what it expects.
  // oxlint-disable-next-line jest/expect-expect
  it('deletes revocations that are over', async () => {
    const ledger = await opened();
    await revoke(ledger, 'short', 1);
    await waitFor(
      async () => {
        await ledger.revoked({ taskIds: ['other'], deadline: views.deadline() });
        return (await redis.command('ZCARD', 'lovage:revoked')) === 0;
      },
      { withinMs: 20_000, what: 'the revocation is over' },
    );
  });

  // reason: it waits for what it expects.
  // oxlint-disable-next-line jest/expect-expect
  it('tells watches what comes after a lost connection', async () => {
    const [ledger, other] = [await opened(), await opened()];
    const told = watched(ledger);
    await redis.killClients();
    await waitFor(
      async () => {
        await revoke(other, 'a');
        return told.length > 0;
      },
      { withinMs: 20_000, what: 'the watch is told again' },
    );
  });

  it('does not tell watches of other databases, and ignores what is no change', async () => {
    const [first, second] = [await opened(redis.urlOf(0)), await opened(redis.urlOf(1))];
    const [told, toldSecond] = [watched(first), watched(second)];
    // The answer of a call on the same connection comes after the subscription.
    await first.revoked({ taskIds: ['x'], deadline: views.deadline() });
    await second.revoked({ taskIds: ['x'], deadline: views.deadline() });
    const garbage = [
      '',
      'no id',
      '{"revoked":[["x",0]]}',
      '1-1 no JSON',
      '1-1 null',
      '1-1 []',
      '1-1 {"revoked":[null,[1,2],{}]}',
      '1-1 {"record":["k"]}',
      '1-1 {"revoked":{}}',
    ];
    for (const text of garbage) expect(await redis.command('PUBLISH', 'lovage:changes:0', text)).toBe(1);
    await revoke(second, 'b');
    await revoke(first, 'a');
    await waitFor(() => told.length > 0 && toldSecond.length > 0, {
      withinMs: 20_000,
      what: 'both are told',
    });
    expect(told).toStrictEqual([{ kind: 'revoked', revocation: { taskId: 'a', terminate: false } }]);
    expect(toldSecond).toStrictEqual([{ kind: 'revoked', revocation: { taskId: 'b', terminate: false } }]);
  });

  it('tells watches once what was told while their connection was away', async () => {
    const other = await opened();
    const proxy = new FaultProxy({ upstreamPort: redis.port });
    try {
      await proxy.start();
      const ledger = await opened(proxy.urlOf(redis.url));
      await revoke(other, 'before');
      const told = watched(ledger);
      // Its answer comes after the subscription.
      await ledger.revoked({ taskIds: ['x'], deadline: views.deadline() });
      await revoke(other, 'first');
      await waitFor(() => told.length === 1, { withinMs: 20_000, what: 'it is told' });
      proxy.refuse();
      proxy.cutAll();
      const missed = Array.from({ length: 120 }, (_, index) => `missed-${index}`);
      for (const id of missed) await revoke(other, id);
      const change = { kind: 'k', id: 'i', value: 'v', expectedVersion: 0, deadline: views.deadline() };
      await other.putRecord(change);
      await proxy.heal();
      await waitFor(() => told.some(({ kind }) => kind === 'record'), {
        withinMs: 20_000,
        what: 'it is told',
      });
      await revoke(other, 'last');
      await waitFor(() => told.length >= 123, { withinMs: 20_000, what: 'it is told' });
      const ids = told.map((one) => (one.kind === 'revoked' ? one.revocation.taskId : one.id));
      expect(ids).toStrictEqual(['first', ...missed, 'i', 'last']);
    } finally {
      views.close();
      await proxy.close();
    }
  });

  it('tells nothing of the past after a gap to a watch that began when all was quiet', async () => {
    const [ledger, other] = [await opened(), await opened()];
    await revoke(other, 'before');
    const told = watched(ledger);
    await ledger.revoked({ taskIds: ['x'], deadline: views.deadline() });
    await redis.killClients();
    await waitFor(async () => (await redis.clients()).some(({ cmd }) => cmd === 'xrange'), {
      withinMs: 20_000,
      what: 'it has caught up',
    });
    await revoke(other, 'after');
    await waitFor(() => told.length > 0, { withinMs: 20_000, what: 'it is told' });
    expect(told).toStrictEqual([{ kind: 'revoked', revocation: { taskId: 'after', terminate: false } }]);
  });

  it('listens only while somebody watches', async () => {
    const ledger = await opened();
    const subscribers = async (): Promise<unknown> =>
      await redis.command('PUBSUB', 'NUMSUB', 'lovage:changes:0');
    const ends = [1, 2].map(() => ledger.watch({ listener: () => undefined }));
    await waitFor(async () => String(await subscribers()).endsWith(',1'), {
      withinMs: 20_000,
      what: 'it is subscribed',
    });
    ends[0]?.();
    ends[0]?.();
    await ledger.revoked({ taskIds: ['x'], deadline: views.deadline() });
    expect(String(await subscribers())).toMatch(/,1$/);
    ends[1]?.();
    await waitFor(async () => String(await subscribers()).endsWith(',0'), {
      withinMs: 20_000,
      what: 'it is not subscribed any more',
    });
  });

  it('goes on with leases, revocations and deletions when the server has no memory left', async () => {
    const ledger = await opened();
    const deadline = views.deadline();
    const acquired = await ledger.acquire({ name: 'leader', owner: 'a', ttlMs: 60_000, deadline });
    await ledger.putRecord({ kind: 'k', id: 'i', value: 'v', expectedVersion: 0, deadline });
    if (acquired.kind !== 'acquired') throw new Error('the name should be free');
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    try {
      const { lease } = acquired;
      expect(await ledger.renew({ lease, deadline })).toBe('renewed');
      await revoke(ledger, 'a');
      expect([...(await ledger.revoked({ taskIds: ['a'], deadline }))]).toStrictEqual(['a']);
      const change = { kind: 'k', id: 'i', expectedVersion: 1, deadline };
      await expect(ledger.putRecord({ ...change, value: 'more' })).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('maxmemory'),
      });
      expect(await ledger.putRecord({ ...change, value: undefined })).toStrictEqual({
        kind: 'stored',
        version: 2,
      });
      await ledger.release({ lease, deadline });
      expect((await ledger.acquire({ name: 'leader', owner: 'b', ttlMs: 1000, deadline })).kind).toBe(
        'acquired',
      );
    } finally {
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
  });

  it('shows a record that somebody else has damaged as what it is', async () => {
    const ledger = await opened();
    await redis.command('ZADD', 'lovage:records:k', 0, 'i');
    await redis.command('HSET', 'lovage:record-values:k', 'i', 'garbage');
    await expect(ledger.records({ kind: 'k', limit: 10, deadline: views.deadline() })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_DAMAGED',
      message: expect.stringContaining('lovage:record-values:k'),
    });
  });
});
