import { encodedBytes, type ResultStore, type ResultWatch, type StoredResult } from '@lovage/core';
import { describeWith, FaultProxy, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';
import { pythonDocuments, pythonTaskId } from '../support/result-documents.js';

const withinMs = 30_000;
const key = (taskId: string): string => `celery-task-meta-${taskId}`;

const result = (taskId: string, state: string, value: unknown = null): StoredResult => ({
  taskId,
  state,
  document: `{"status":"${state}","result":${JSON.stringify(value)},"task_id":"${taskId}"}`,
});

const valueOf = ({ document }: StoredResult): unknown =>
  (JSON.parse(encodedBytes(document).toString()) as { readonly result: unknown }).result;

describeWith('redis-server', 'RedisResultWatch', () => {
  const redis = new RedisServer();
  let views: RedisViews;
  let results: ResultStore;
  let writer: ResultStore;
  let told: StoredResult[];
  let watch: ResultWatch;
  let proxy: FaultProxy | undefined;

  beforeAll(async () => await redis.start());

  afterAll(async () => await redis.close());

  beforeEach(async () => {
    await redis.flush();
    views = new RedisViews();
    writer = (await views.open(redis.url)).results as ResultStore;
    await begin(redis.url);
  });

  afterEach(async () => {
    views.close();
    await proxy?.close();
    proxy = undefined;
  });

  /** A watch in a process of its own, at this address. */
  async function begin(url: string): Promise<void> {
    results = (await views.open(url)).results as ResultStore;
    told = [];
    const own = told;
    watch = results.watch({ listener: (one) => own.push(one) });
  }

  async function add(...taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    return await watch.add({ taskIds, deadline: views.deadline() });
  }

  async function put(...records: readonly StoredResult[]): Promise<void> {
    await writer.put({ results: records, deadline: views.deadline() });
  }

  const states = (taskId = 'a'): readonly string[] =>
    told.filter((one) => one.taskId === taskId).map(({ state }) => state);

  async function hears(state: string, taskId = 'a'): Promise<void> {
    await waitFor(() => states(taskId).at(-1) === state, { withinMs, what: `${state} of ${taskId}` });
  }

  /** When this is told, everything before it has been. */
  async function all(): Promise<void> {
    await add('last');
    await put(result('last', 'SUCCESS'));
    await hears('SUCCESS', 'last');
  }

  const subscriptions = async (): Promise<readonly unknown[]> =>
    (await redis.command('PUBSUB', 'CHANNELS', 'celery-task-meta-*')) as readonly unknown[];

  it('tells what Python publishes, in any form', async () => {
    await add(pythonTaskId);
    const { started, msgpackSuccess, yamlSuccess } = pythonDocuments;
    for (const document of [started, msgpackSuccess, yamlSuccess])
      await redis.command('PUBLISH', key(pythonTaskId), document);
    await waitFor(() => told.length === 3, { withinMs, what: 'three records' });
    expect(told.map(({ state }) => state)).toStrictEqual(['STARTED', 'SUCCESS', 'SUCCESS']);
    expect(told[1]?.document).toStrictEqual(msgpackSuccess);
  });

  it('is not disturbed by what is no result, and does not tell it', async () => {
    await add('a');
    for (const payload of ['', 'x', '{', '{"status":1}', Buffer.from([0xff, 0xfe]), Buffer.alloc(1_000_000)])
      await redis.command('PUBLISH', key('a'), payload);
    await put(result('a', 'SUCCESS'));
    await hears('SUCCESS');
    await all();
    expect(states()).toStrictEqual(['SUCCESS']);
  });

  it('tells a record whose state only its own key tells', async () => {
    await add('a');
    await put({ taskId: 'a', state: 'own state', document: Buffer.from([0xff, 1]) });
    await hears('own state');
    expect(told[0]?.document).toStrictEqual(Buffer.from([0xff, 1]));
  });

  it('gives an id back that was told something else while it was read', async () => {
    await redis.command('SET', key('a'), result('a', 'STARTED').document);
    const stored = add('a');
    await put(result('a', 'SUCCESS'));
    const [found] = await stored;
    if (found?.state !== 'SUCCESS') await hears('SUCCESS');
    expect([...states(), found?.state]).toContain('SUCCESS');
  });

  describe('after a gap', () => {
    it('tells what has changed meanwhile, and nothing else', async () => {
      await put(result('known', 'STARTED', 1), result('told', 'STARTED'), result('changed', 'PROGRESS', 1));
      await put(result('final', 'SUCCESS'), result('failed', 'FAILURE'));
      await add('a', 'known', 'told', 'changed', 'final', 'failed', 'missing');
      await put(result('told', 'PROGRESS', 1));
      await hears('PROGRESS', 'told');
      told.length = 0;
      await redis.killClients();
      // Changed without a word, as by a message that was lost.
      await redis.command('SET', key('a'), result('a', 'SUCCESS', 7).document);
      await redis.command('SET', key('changed'), result('changed', 'PROGRESS', 2).document);
      await redis.killClients();
      await hears('SUCCESS');
      await hears('PROGRESS', 'changed');
      await all();
      expect(told.map(({ taskId, state }) => `${taskId} ${state}`).toSorted()).toStrictEqual([
        'a SUCCESS',
        'changed PROGRESS',
        'last SUCCESS',
      ]);
      expect(told.map(valueOf)).toContain(7);
    });

    it('goes on', async () => {
      await add('a');
      for (const state of ['STARTED', 'RETRY', 'PROGRESS']) {
        await redis.killClients();
        await put(result('a', state));
        await hears(state);
      }
      expect(states()).toStrictEqual(['STARTED', 'RETRY', 'PROGRESS']);
    });

    it('misses nothing, whenever the connection is cut', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `t${index}`);
      const found = new Map<string, string | undefined>();
      for (let from = 0; from < ids.length; from += 20) {
        const some = ids.slice(from, from + 20);
        const [answers] = await Promise.all([
          watch.add({ taskIds: some, deadline: views.deadline(withinMs) }),
          put(...some.map((taskId) => result(taskId, 'SUCCESS'))),
          redis.killClients('pubsub'),
        ]);
        for (const [index, taskId] of some.entries()) found.set(taskId, answers[index]?.state);
      }
      const missing = (): readonly string[] =>
        ids.filter((taskId) => found.get(taskId) !== 'SUCCESS' && states(taskId).length === 0);
      await waitFor(() => missing().length === 0, { withinMs, what: 'every record to be given or told' });
      expect(missing()).toStrictEqual([]);
    });

    it('is told what happened while the server was away', async () => {
      const durable = new RedisServer({ appendOnly: true, config: { appendfsync: 'always' } });
      await durable.start();
      try {
        await begin(durable.url);
        await add('a');
        const document = result('a', 'SUCCESS').document as string;
        await durable.command('SET', key('a'), document);
        await durable.kill();
        await durable.start();
        await hears('SUCCESS');
        expect(states()).toStrictEqual(['SUCCESS']);
        views.close();
      } finally {
        await durable.close();
      }
    });

    it('does not fail for one key that was damaged', async () => {
      await add('a', 'b');
      await redis.command('RPUSH', key('b'), 'x');
      await redis.command('SET', key('a'), result('a', 'SUCCESS').document);
      await redis.killClients();
      await hears('SUCCESS');
      expect(states('b')).toStrictEqual([]);
    });
  });

  describe('many ids', () => {
    it('are held by thousands, on the one connection of the store', async () => {
      const ids = Array.from({ length: 5000 }, (_, index) => `t${index}`);
      await add(...ids);
      await put(...ids.map((taskId) => result(taskId, 'SUCCESS')));
      await waitFor(() => told.length === 5000, { withinMs, what: 'all to be told' });
      const clients = await redis.clients();
      expect(clients.filter(({ fields }) => Number(fields['sub']) > 0)).toHaveLength(1);
    });

    it('are let go together, and those stay that were added again', async () => {
      proxy = new FaultProxy({ upstreamPort: redis.port, protocol: 'resp' });
      await proxy.start();
      await begin(proxy.urlOf(redis.url));
      const ids = Array.from({ length: 2500 }, (_, index) => `t${index}`);
      await add(...ids);
      expect(await subscriptions()).toHaveLength(2500);
      for (const taskId of ids) watch.remove({ taskIds: [taskId] });
      await add('t7');
      await waitFor(async () => (await subscriptions()).length === 1, { withinMs, what: 'one channel' });
      expect(proxy.seen('UNSUBSCRIBE')).toBe(3);
      await put(result('t7', 'SUCCESS'));
      await hears('SUCCESS', 't7');
    });

    it('are let go when the watch is closed, but for those that others watch', async () => {
      const other = results.watch({ listener: () => undefined });
      await other.add({ taskIds: ['a'], deadline: views.deadline() });
      await add('a', 'b', 'c');
      watch.close();
      await waitFor(async () => (await subscriptions()).length === 1, { withinMs, what: 'one channel' });
      expect(await subscriptions()).toStrictEqual([key('a')]);
    });
  });

  describe('an id that can not be watched', () => {
    it('is told, where the server does not let us listen', async () => {
      await redis.command('ACL', 'SETUSER', 'deaf', 'on', '>secret', '+@all', '~*', 'resetchannels');
      const url = new URL(redis.url);
      [url.username, url.password] = ['deaf', 'secret'];
      await begin(url.href);
      await expect(add('a')).rejects.toMatchObject({
        code: 'LOVAGE_STORE_REFUSED',
        message: expect.stringContaining('NOPERM'),
      });
      // Other calls on the connection go on.
      expect(await results.get({ taskIds: ['a'], deadline: views.deadline() })).toStrictEqual([undefined]);
    });

    it('is told, where something else is kept, and is not watched then', async () => {
      await redis.command('RPUSH', key('a'), 'x');
      await expect(add('a')).rejects.toMatchObject({ code: 'LOVAGE_STORE_DAMAGED' });
      await waitFor(async () => (await subscriptions()).length === 0, { withinMs, what: 'no channel' });
      await put(result('a', 'SUCCESS'));
      await all();
      expect(states()).toStrictEqual([]);
    });

    it('does not take with it what was added in its place meanwhile', async () => {
      proxy = new FaultProxy({ upstreamPort: redis.port });
      await proxy.start();
      await begin(proxy.urlOf(redis.url));
      proxy.refuse();
      proxy.cutAll();
      const failing = watch.add({ taskIds: ['a'], deadline: views.deadline(100) });
      watch.remove({ taskIds: ['a'] });
      const staying = add('a');
      await expect(failing).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
      await proxy.heal();
      expect(await staying).toStrictEqual([undefined]);
      await put(result('a', 'SUCCESS'));
      await hears('SUCCESS');
    });

    it('is told when the server is not there', async () => {
      proxy = new FaultProxy({ upstreamPort: redis.port });
      await proxy.start();
      await begin(proxy.urlOf(redis.url));
      proxy.refuse();
      proxy.cutAll();
      await expect(watch.add({ taskIds: ['a'], deadline: views.deadline(100) })).rejects.toMatchObject({
        code: 'LOVAGE_STORE_UNREACHABLE',
      });
      await proxy.heal();
      await all();
      expect(await subscriptions()).toStrictEqual([key('last')]);
    });
  });
});
