import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LovageEvent, TaskApp } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

const page = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8');
/** What docs/redis.md tells to type. */
const words = (/```\nACL SETUSER ([^`]+)```/.exec(page)?.[1] ?? '')
  .split(/\s+/)
  .filter((word) => word !== '');

describe('the permissions in docs/redis.md', () => {
  it('hold every command that a script uses, and no more but those of the client', () => {
    const folder = fileURLToPath(new URL('../../src', import.meta.url));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const text = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    const used = new Set<string>();
    for (const [, name = ''] of text.matchAll(/(?:redis\.p?call|each|count)\('([A-Z]+)'/g))
      used.add(name.toLowerCase());
    for (const name of ['client', 'cluster']) used.delete(name);
    const permitted = new Set(words.filter((word) => word.startsWith('+')).map((word) => word.slice(1)));
    expect([...used].filter((name) => !permitted.has(name))).toStrictEqual([]);
    const ofClient =
      /^(hello|auth|select|info|config\|get|client\|\w+|eval|evalsha|script\|load|(un|p|pun)?subscribe|scan|sscan|zrange|xrange|xrevrange)$/;
    expect([...permitted].filter((name) => !used.has(name) && !ofClient.test(name))).toStrictEqual([]);
  });
});

describeWith('redis-server', 'a user with the permissions in docs/redis.md', () => {
  const redis = new RedisServer({ appendOnly: true });
  const views = new RedisViews();
  const url = (): string =>
    `${redis.url.replace('redis://', 'redis://lovage:secret@')}?keyPrefix=app:&lease=1s`;

  beforeAll(async () => {
    await redis.start();
    await redis.command('ACL', 'SETUSER', ...words);
  });
  afterEach(() => views.close());
  afterAll(async () => await redis.close());

  /** What the server has denied. */
  const denied = async (): Promise<unknown> => await redis.command('ACL', 'LOG');

  it('runs an application', async () => {
    const app = await TaskApp.create({ broker: url(), worker: { concurrency: 2 } });
    const events: LovageEvent[] = [];
    app.events.listen((event) => events.push(event));
    let runs = 0;
    app.registry.add({
      name: 'math.add',
      run: ([x, y]) => {
        runs += 1;
        if (runs === 1) throw new Error('again');
        return Number(x) + Number(y);
      },
      options: {},
      source: 'test',
    });
    await app.start();
    try {
      const failed = await app.client.send('math.add', { args: [1, 1] });
      await expect(failed.get()).rejects.toMatchObject({ code: 'LOVAGE_TASK_FAILED' });
      const results = [
        await app.client.send<number>('math.add', { args: [2, 3] }),
        await app.client.send<number>('math.add', { args: [2, 4], countdown: 0.05, priority: 6 }),
      ];
      expect(await Promise.all(results.map(async (result) => await result.get()))).toStrictEqual([5, 6]);
      const revoked = await app.client.send('math.add', { args: [1, 1], countdown: 60 });
      await revoked.revoke();
      await results[0]?.forget();
    } finally {
      await app.close();
    }
    const problems = events.filter(({ type }) => type === 'store-warning' || type === 'worker-problem');
    expect(problems).toStrictEqual([]);
    expect(await denied()).toStrictEqual([]);
  });

  it('reaches every call of the ledger and the inspector', async () => {
    const { ledger, inspector, broker } = await views.open(url());
    if (ledger === undefined || inspector === undefined || broker === undefined)
      throw new Error('a port is missing');
    const deadline = views.deadline();
    ledger.watch({ listener: () => undefined });
    await broker.declare({
      topology: {
        exchanges: [{ name: 'e', type: 'topic' }],
        queues: [{ name: 'q' }],
        bindings: [{ exchange: 'e', queue: 'q', routingKey: '#' }],
      },
      deadline,
    });
    const acquired = await ledger.acquire({ name: 'leader', owner: 'a', ttlMs: 60_000, deadline });
    if (acquired.kind !== 'acquired') throw new Error('the name should be free');
    const { lease } = acquired;
    await ledger.renew({ lease, deadline });
    const message = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { id: 'x' },
      properties: {},
      body: '[]',
    };
    const publication = { message, exchange: 'e', routingKey: 'k' };
    await ledger.recordTick({
      tick: { schedule: 's', dueMs: 1, lease, publication, ttlMs: 60_000 },
      deadline,
    });
    await ledger.takeTokens({
      request: { bucket: 'b', tokens: 1, capacity: 1, refillPerSecond: 1 },
      deadline,
    });
    await ledger.revoke({ revocations: [{ taskId: 'x', terminate: false }], ttlMs: 1000, deadline });
    await ledger.revoked({ taskIds: ['x'], deadline });
    await ledger.putRecord({ kind: 'k', id: 'i', value: 'v', expectedVersion: 0, deadline });
    await ledger.records({ kind: 'k', limit: 10, deadline });
    await ledger.putRecord({ kind: 'k', id: 'i', value: undefined, expectedVersion: 1, deadline });
    await ledger.release({ lease, deadline });
    expect((await inspector.queues({ deadline })).map(({ name }) => name)).toContain('q');
    for (const place of ['ready', 'delayed', 'unsettled', 'parked'] as const) {
      const { messages } = await inspector.messages({ queue: 'q', place, limit: 10, deadline });
      expect(messages).toHaveLength(place === 'ready' ? 1 : 0);
    }
    await broker.purge({ queue: 'q', deadline });
    expect(await denied()).toStrictEqual([]);
  });

  it('goes on without a channel that it may not listen to, also on a new connection, and says so', async () => {
    await redis.command(
      'ACL',
      'SETUSER',
      'deaf',
      'on',
      '>secret',
      '~*',
      'resetchannels',
      '&app:celery*',
      '+@all',
    );
    const { ledger, results } = await views.open(url().replace('lovage:secret', 'deaf:secret'));
    if (ledger === undefined || results === undefined) throw new Error('a port is missing');
    ledger.watch({ listener: () => undefined });
    const heard: string[] = [];
    const watch = results.watch({ listener: ({ taskId }) => heard.push(taskId) });
    await watch.add({ taskIds: ['x'], deadline: views.deadline() });
    await redis.killClients();
    await ledger.revoked({ taskIds: ['x'], deadline: views.deadline() });
    const result = { taskId: 'x', state: 'SUCCESS', document: '{"status":"SUCCESS"}' };
    await results.put({ results: [result], deadline: views.deadline() });
    await waitFor(() => heard.length > 0, { withinMs: 20_000, what: 'the result is told' });
    expect(
      views.warnings.map(({ message }) => message).filter((text) => text.includes('NOPERM')),
    ).not.toStrictEqual([]);
    watch.close();
  });

  it('is told which permission is missing', async () => {
    await redis.command(
      'ACL',
      'SETUSER',
      'small',
      'on',
      '>secret',
      '~app:*',
      '&*',
      '+@all',
      '-evalsha',
      '-eval',
    );
    const small = url().replace('lovage:secret', 'small:secret');
    const { ledger } = views.driver(small);
    await ledger?.open({ deadline: views.deadline() });
    await expect(ledger?.revoked({ taskIds: ['x'], deadline: views.deadline() })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_REFUSED',
      message: expect.stringMatching(/NOPERM.*evalsha.*docs\/redis\.md/),
    });
  });
});
