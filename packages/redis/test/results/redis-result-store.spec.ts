import { encodedBytes, type ResultStore, type StoredResult, type WallMs } from '@lovage/core';
import { describeWith, FaultProxy, RedisServer, waitFor } from '@lovage/services';
import type { RedisDriver } from '../../src/index.js';
import { RedisViews } from '../support/redis-views.js';
import { pythonDocuments, pythonTaskId } from '../support/result-documents.js';

const key = (taskId: string): string => `celery-task-meta-${taskId}`;
const stateKey = (taskId: string): string => `lovage:state:${taskId}`;

const result = (taskId: string, state: string, value: unknown = null, ttlMs?: number): StoredResult => ({
  taskId,
  state,
  document: `{"status":"${state}","result":${JSON.stringify(value)},"task_id":"${taskId}"}`,
  ttlMs,
});

describeWith('redis-server', 'RedisResultStore', () => {
  const redis = new RedisServer();
  let views: RedisViews;
  let driver: RedisDriver;
  let results: ResultStore;

  beforeAll(async () => await redis.start());

  afterAll(async () => await redis.close());

  beforeEach(async () => {
    await redis.flush();
    views = new RedisViews();
    driver = await views.open(redis.url);
    results = driver.results as ResultStore;
  });

  afterEach(() => views.close());

  async function put(...records: readonly StoredResult[]): Promise<readonly string[]> {
    const outcomes = await results.put({ results: records, deadline: views.deadline() });
    return outcomes.map(({ kind }) => kind);
  }

  async function get(...taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    return await results.get({ taskIds, deadline: views.deadline() });
  }

  async function statesOf(...taskIds: readonly string[]): Promise<readonly (string | undefined)[]> {
    return (await get(...taskIds)).map((one) => one?.state);
  }

  describe("in Celery's places", () => {
    it('stores the document itself under the key that Python reads, for as long as asked', async () => {
      await put(result('a', 'SUCCESS', 5, 86_400_000), result('b', 'SUCCESS', 6));
      expect(await redis.command('GET', key('a'))).toBe(result('a', 'SUCCESS', 5).document);
      const ttl = Number(await redis.command('TTL', key('a')));
      expect(ttl).toBeGreaterThan(86_000);
      expect(ttl).toBeLessThanOrEqual(86_400);
      expect(await redis.command('TTL', key('b'))).toBe(-1);
      expect(await redis.command('EXISTS', stateKey('a'))).toBe(0);
    });

    it.each([0, 0.2, 1e300])('takes any time to live: %d', async (ttlMs) => {
      expect(await put(result('a', 'STARTED', 1, ttlMs))).toStrictEqual(['stored']);
      const part = { groupId: 'g', taskId: 't', document: 'x', ttlMs };
      const joined = await results.join({ part, deadline: views.deadline() });
      expect(joined).toStrictEqual({ kind: 'waiting', count: 1 });
    });

    it('stands under the key prefix, channel and all', async () => {
      const prefixed = (await views.open(`${redis.url}?keyPrefix=app:`)).results as ResultStore;
      await prefixed.put({ results: [result('a', 'SUCCESS')], deadline: views.deadline() });
      expect(await redis.command('EXISTS', `app:${key('a')}`)).toBe(1);
      expect(await statesOf('a')).toStrictEqual([undefined]);
    });

    it.each([
      ['JSON', pythonDocuments.success],
      ['msgpack', pythonDocuments.msgpackSuccess],
      ['YAML', pythonDocuments.yamlSuccess],
    ])('gives what Python has stored as %s, and never replaces its SUCCESS', async (_name, document) => {
      await redis.command('SETEX', key(pythonTaskId), 86_400, document);
      const [found] = await get(pythonTaskId);
      expect(found?.state).toBe('SUCCESS');
      expect(encodedBytes(found?.document ?? '')).toStrictEqual(Buffer.from(document as string));
      for (const state of ['STARTED', 'FAILURE', 'SUCCESS'])
        expect(await put(result(pythonTaskId, state))).toStrictEqual(['refused']);
      expect(await get(pythonTaskId)).toStrictEqual([found]);
    });

    it('replaces what Python has stored by the same rule as its own', async () => {
      await redis.command('SET', key(pythonTaskId), pythonDocuments.started);
      expect(await put(result(pythonTaskId, 'RETRY'))).toStrictEqual(['stored']);
      await redis.command('SET', key(pythonTaskId), pythonDocuments.revoked);
      expect(await put(result(pythonTaskId, 'STARTED'))).toStrictEqual(['refused']);
      expect(await put(result(pythonTaskId, 'SUCCESS'))).toStrictEqual(['stored']);
    });

    it('publishes what it stores, and nothing that it refuses', async () => {
      const heard: unknown[] = [];
      const store = await views.store(redis.url);
      store.subscriptions.listen([key('a')], (payload) => heard.push(payload.toString()));
      const records = [result('a', 'STARTED'), result('a', 'SUCCESS'), result('a', 'FAILURE')];
      await put(...records);
      // What was published before this answer came before it.
      await store.call('PING', views.deadline(), async (connection) => await connection.ping());
      expect(heard).toStrictEqual([records[0]?.document, records[1]?.document]);
    });
  });

  describe('a state that the document does not tell', () => {
    const hidden = (state: string, ttlMs?: number): StoredResult => ({
      taskId: 'a',
      state,
      document: Buffer.from([0xff, 0, 1]),
      ttlMs,
    });

    it('is kept beside it, as long as it', async () => {
      await put(hidden('SUCCESS', 60_000));
      expect(await redis.command('GET', stateKey('a'))).toBe('SUCCESS');
      expect(Number(await redis.command('PTTL', stateKey('a')))).toBeGreaterThan(50_000);
      expect(await statesOf('a')).toStrictEqual(['SUCCESS']);
      expect(await put(result('a', 'FAILURE'))).toStrictEqual(['refused']);
    });

    it('goes when another record takes the place', async () => {
      await put(hidden('own state'));
      await put(result('a', 'STARTED'));
      expect(await redis.command('EXISTS', stateKey('a'))).toBe(0);
      expect(await statesOf('a')).toStrictEqual(['STARTED']);
    });

    it('gives way to what Python has stored meanwhile', async () => {
      await put(hidden('STARTED'));
      await redis.command('SET', key('a'), pythonDocuments.yamlSuccess);
      expect(await statesOf('a')).toStrictEqual(['SUCCESS']);
      expect(await put(result('a', 'FAILURE'))).toStrictEqual(['refused']);
    });
  });

  describe('what is no result', () => {
    it('is named, with what was found, when it is read', async () => {
      await redis.command('RPUSH', key('list'), 'x');
      await redis.command('SET', key('text'), 'anything');
      await expect(get('list')).rejects.toMatchObject({
        code: 'LOVAGE_STORE_DAMAGED',
        message: expect.stringMatching(/"celery-task-meta-list" holds a value of the type list/),
      });
      await expect(get('text')).rejects.toMatchObject({
        code: 'LOVAGE_STORE_DAMAGED',
        message: expect.stringMatching(/"celery-task-meta-text" holds 8 bytes without a state/),
      });
    });

    it.each([
      ['RPUSH', ['x']],
      ['HSET', ['field', 'x']],
      ['SET', ['anything']],
    ])('gives way to a result: %s', async (command, args) => {
      await redis.command(command, key('a'), ...args);
      expect(await put(result('a', 'SUCCESS'))).toStrictEqual(['stored']);
      expect(await statesOf('a')).toStrictEqual(['SUCCESS']);
    });

    it('goes when it is forgotten', async () => {
      await redis.command('RPUSH', key('a'), 'x');
      await results.forget({ taskIds: ['a'], deadline: views.deadline() });
      expect(await redis.command('EXISTS', key('a'))).toBe(0);
    });
  });

  describe('large things', () => {
    const large = (bytes: number): Buffer =>
      Buffer.concat([
        Buffer.from('{"status":"SUCCESS","result":"'),
        Buffer.alloc(bytes, '0123456789'),
        Buffer.from('"}'),
      ]);

    it.each([20_000_000, 8_388_608 - 32, 8_388_608 - 31])(
      'come through: a document of %d bytes',
      async (bytes) => {
        const document = large(bytes);
        await put({ taskId: 'a', state: 'SUCCESS', document });
        const [found] = await get('a');
        expect(document.equals(encodedBytes(found?.document ?? ''))).toBe(true);
      },
    );

    it('come through to a listener: a document that is more than the server keeps for one', async () => {
      const document = large(50_000_000);
      const told: StoredResult[] = [];
      const watch = results.watch({ listener: (one) => told.push(one) });
      await watch.add({ taskIds: ['a'], deadline: views.deadline() });
      const writer = (await views.open(redis.url)).results as ResultStore;
      const record = { taskId: 'a', state: 'SUCCESS', document };
      await writer.put({ results: [record], deadline: views.deadline() });
      await waitFor(() => told.length > 0, { withinMs: 30_000, what: 'it to be told' });
      expect(document.equals(encodedBytes(told[0]?.document ?? ''))).toBe(true);
    });

    it('come through where a listener may not have more than a part of them in one answer', async () => {
      const ids = Array.from({ length: 40 }, (_, index) => `t${index}`);
      const watch = results.watch({ listener: () => undefined });
      await watch.add({ taskIds: ['other'], deadline: views.deadline() });
      for (const taskId of ids) await put(result(taskId, 'SUCCESS', `${taskId}${'x'.repeat(1_000_000)}`));
      const before = await redis.clients();
      const found = await get(...ids, 'missing');
      expect(found.map((one) => one?.taskId)).toStrictEqual([...ids, undefined]);
      // 40 MB at once are more than the server keeps for a connection that listens: it would have been cut off.
      const idsOf = (clients: typeof before): string[] => clients.map(({ id }) => id).toSorted();
      expect(idsOf(await redis.clients())).toStrictEqual(idsOf(before));
    });

    it('come through: thousands of records in one call', async () => {
      const ids = Array.from({ length: 5000 }, (_, index) => `t${index}`);
      const outcomes = await put(...ids.map((taskId) => result(taskId, 'SUCCESS')));
      expect(outcomes).toHaveLength(5000);
      expect((await statesOf(...ids, 'missing')).filter((state) => state === 'SUCCESS')).toHaveLength(5000);
      await results.forget({ taskIds: ids, deadline: views.deadline() });
      expect((await statesOf(...ids)).every((state) => state === undefined)).toBe(true);
    });
  });

  describe('ids that were sent', () => {
    async function send(taskId: string, ttlMs?: number, notBefore?: number): Promise<void> {
      await driver.broker?.declare({
        topology: { exchanges: [], queues: [{ name: 'q' }], bindings: [] },
        deadline: views.deadline(),
      });
      await driver.broker?.publish({
        publications: [
          {
            message: {
              contentType: 'application/json',
              contentEncoding: 'utf-8',
              headers: { id: taskId, task: 't' },
              properties: {},
              body: '[[],{},{}]',
            },
            exchange: '',
            routingKey: 'q',
            notBefore: notBefore as WallMs | undefined,
            sent: { taskId, state: 'PENDING', document: '', ttlMs },
          },
        ],
        deadline: views.deadline(),
      });
    }

    it('are known as PENDING until something else is, and without a key of their own', async () => {
      await send('a', 60_000);
      await send('b');
      await send('c', 60_000, Date.now() + 60_000);
      expect(await statesOf('a', 'unsent', 'b', 'c')).toStrictEqual([
        'PENDING',
        undefined,
        'PENDING',
        'PENDING',
      ]);
      const [found] = await get('a');
      expect(JSON.parse(encodedBytes(found?.document ?? '').toString())).toMatchObject({
        status: 'PENDING',
        task_id: 'a',
      });
      expect(await redis.command('KEYS', 'celery-task-meta-*')).toStrictEqual([]);
      await put(result('a', 'STARTED'));
      expect(await statesOf('a')).toStrictEqual(['STARTED']);
    });

    it('are forgotten', async () => {
      await send('a', 60_000);
      await send('b');
      await results.forget({ taskIds: ['a', 'b'], deadline: views.deadline() });
      expect(await statesOf('a', 'b')).toStrictEqual([undefined, undefined]);
    });

    it('are kept for the time of their own, whatever others are kept for', async () => {
      await send('long', 3_600_000);
      await send('short', 60_000);
      const sets = (await redis.command('KEYS', 'lovage:sent:*')) as readonly string[];
      const times = await Promise.all(sets.map(async (set) => Number(await redis.command('TTL', set))));
      expect(times.toSorted((a, b) => a - b).map((seconds) => Math.ceil(seconds / 60))).toStrictEqual([
        1, 60,
      ]);
    });

    it('outlive a result that was kept as long by little', async () => {
      await send('a', 300);
      await put(result('a', 'SUCCESS', 1, 300));
      const gone = async (): Promise<boolean> => (await statesOf('a'))[0] === undefined;
      while (!(await gone())) await redis.command('PING');
      expect(await redis.command('ZRANGEBYSCORE', 'lovage:sent', '-inf', Date.now())).toHaveLength(1);
      await send('b', 1500);
      expect(await redis.command('ZCARD', 'lovage:sent')).toBe(1);
    });
  });

  describe('an answer that is lost', () => {
    let proxy: FaultProxy;

    beforeEach(async () => {
      proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
      await proxy.start();
      results = (await views.open(proxy.urlOf(redis.url))).results as ResultStore;
      // The script must be known, so that one request is one call.
      await put(result('first', 'SUCCESS'));
      const chord = { groupId: 'first', size: 2, owner: 'caller', record: '' };
      await results.openChord({ chord, deadline: views.deadline() });
      const part = { groupId: 'first', taskId: 't', document: '[1, "t", "SUCCESS", 1]' };
      await results.join({ part, deadline: views.deadline() });
    });

    afterEach(async () => {
      views.close();
      await proxy.close();
    });

    const isScript = ({ command }: { readonly command: string }): boolean => command === 'EVALSHA';

    it('does not turn "stored" into "refused"', async () => {
      const fault = proxy.loseReply({ matching: isScript });
      expect(await put(result('a', 'SUCCESS', 1), result('a', 'SUCCESS', 2))).toStrictEqual([
        'stored',
        'refused',
      ]);
      expect(fault.hasFired).toBe(true);
      expect(encodedBytes((await get('a'))[0]?.document ?? '').toString()).toContain('"result":1');
    });

    it('does not turn "complete" into "waiting"', async () => {
      const fault = proxy.loseReply({ matching: isScript });
      const part = { groupId: 'first', taskId: 'u', document: Buffer.from([0xff, 0]) };
      const joined = await results.join({ part, deadline: views.deadline() });
      expect(fault.hasFired).toBe(true);
      expect(
        joined.kind === 'complete' && joined.documents.map((one) => encodedBytes(one).toString('latin1')),
      ).toStrictEqual(['[1, "t", "SUCCESS", 1]', '\u00ff\u0000']);
    });

    it('is asked for again when it is what was read', async () => {
      const fault = proxy.loseReply({ matching: isScript });
      expect(await statesOf('first')).toStrictEqual(['SUCCESS']);
      expect(fault.hasFired).toBe(true);
    });
  });

  it('can be opened after the server has come, and again by another port after all were closed', async () => {
    const late = new RedisServer();
    await late.start();
    const { url } = late;
    await late.stop();
    try {
      const waiting = views.driver(url);
      const { results: store, ledger } = waiting;
      await expect(store?.open({ deadline: views.deadline(50) })).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
      });
      await late.start();
      await store?.open({ deadline: views.deadline() });
      expect(await store?.get({ taskIds: ['a'], deadline: views.deadline() })).toStrictEqual([undefined]);
      await store?.close({ deadline: views.deadline() });
      await ledger?.open({ deadline: views.deadline() });
      await expect(ledger?.revoked({ taskIds: ['a'], deadline: views.deadline() })).resolves.toBeDefined();
      await ledger?.close({ deadline: views.deadline() });
    } finally {
      await late.close();
    }
  });
});
