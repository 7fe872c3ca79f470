import type { TaskApp, TaskResult, TaskSnapshot } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;
const compressions = [undefined, 'zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'] as const;

describeWith(['redis-server', 'celery'], 'a Lovage caller and a Python worker', () => {
  const stage = new PythonAndLovage();
  let app: TaskApp;

  beforeAll(async () => {
    await stage.start();
    const settings = { task_track_started: true };
    [app] = await Promise.all([
      stage.lovage({
        broker: stage.url('pythonQueues=python,steps'),
        queues: ['python', 'steps'],
        defaultQueue: 'python',
      }),
      stage.worker({ queues: ['python'], settings }),
    ]);
  });

  afterAll(async () => await stage.close());

  async function failure(result: TaskResult): Promise<unknown> {
    return await result.get().then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  it('share calls: arguments, keyword arguments, headers, lineage', async () => {
    const args = [2, 'zwölf 🌿', [1.5, true, null], { deep: { er: [] } }];
    const kwargs = { who: 'Zoë', times: 3 };
    const echo = await app.client.send('interop.echo', { args, kwargs });
    await expect(echo.get()).resolves.toStrictEqual({ args, kwargs });
    const request = await app.client.send('interop.request', {
      taskId: 'with-headers',
      headers: { tenant: 'acme' },
      shadow: 'shown',
      priority: 3,
    });
    await expect(request.get()).resolves.toMatchObject({
      id: 'with-headers',
      root_id: 'with-headers',
      parent_id: null,
      retries: 0,
      shadow: 'shown',
      argsrepr: '()',
      delivery_info: { exchange: '', routing_key: 'python', priority: 3, redelivered: null },
      other: { tenant: 'acme', lang: 'js' },
    });
  });

  it.each(compressions)('share every serializer, compressed: %s', async (compression) => {
    const args = ['text '.repeat(200), { list: [1, -2.5, null] }];
    for (const serializer of serializers) {
      const result = await app.client.send('interop.describe', {
        // JSON of this Celery has no bytes.
        args: serializer === 'json' ? args : [...args, Buffer.from([0, 255])],
        serializer,
        ...(compression !== undefined && { compression }),
      });
      const bytes = { $python: 'bytes', value: 'AP8=' };
      await expect(result.get()).resolves.toStrictEqual({
        args: serializer === 'json' ? args : [...args, bytes],
        kwargs: {},
      });
    }
  });

  it('are told of each state, and do not ask', async () => {
    const asked = async (): Promise<number> => {
      const stats = String(await stage.redis.command('INFO', 'commandstats'));
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const before = await asked();
    const seen: TaskSnapshot[] = [];
    const told = (async () => {
      for await (const snapshot of app.client.result('told').changes()) seen.push(snapshot);
    })();
    await waitFor(() => seen.length === 1, { withinMs, what: 'the first look' });
    const result = await app.client.send<number>('interop.progress', { args: [3, 0.2], taskId: 'told' });
    await expect(result.get()).resolves.toBe(3);
    await told;
    expect(seen.slice(1).map(({ state, progress }) => [state, progress])).toStrictEqual([
      ['STARTED', undefined],
      ['PROGRESS', { done: 1, of: 3 }],
      ['PROGRESS', { done: 2, of: 3 }],
      ['PROGRESS', { done: 3, of: 3 }],
      ['SUCCESS', undefined],
    ]);
    expect(seen.at(-1)?.result).toBe(3);
    // Declare, publish, and a look for each wait.
    expect((await asked()) - before).toBeLessThan(8);
  });

  it('share errors: class, module, message, arguments, traceback', async () => {
    expect(await failure(await app.client.send('interop.fail', { args: ['boom'] }))).toMatchObject({
      code: 'LOVAGE_TASK_FAILED',
      name: 'ValueError',
      type: 'ValueError',
      module: 'builtins',
      message: 'boom',
      stack: expect.stringMatching(
        /^ValueError: boom\nTraceback \(most recent call last\):[^]*worker_tasks\.py/,
      ),
    });
    expect(
      await failure(await app.client.send('interop.fail_custom', { args: ['no leaf', 3] })),
    ).toMatchObject({
      name: 'InteropError',
      module: 'worker_tasks',
      args: ['no leaf', 3],
      message: "('no leaf', 3)",
    });
    expect(await failure(await app.client.send('interop.unknown'))).toMatchObject({
      name: 'NotRegistered',
      module: 'celery.exceptions',
      message: 'interop.unknown',
    });
    // What Python finds wrong with the call itself.
    expect(await failure(await app.client.send('interop.add', { args: [1] }))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('missing 1 required positional argument'),
    });
  });

  it('share retries', async () => {
    const result = await app.client.send<number>('interop.retry_then', { args: [2] });
    await expect(result.get()).resolves.toBe(2);
  });

  it('share that a result is ignored', async () => {
    const byCall = await app.client.send('interop.add', { args: [1, 2], ignoreResult: true });
    const byTask = await app.client.send('interop.ignored', { args: [1] });
    await (await app.client.send('interop.add', { args: [1, 2] })).get();
    await expect(byCall.get()).rejects.toMatchObject({ code: 'LOVAGE_RESULT_IGNORED' });
    await expect(byTask.state()).resolves.toBe('PENDING');
    // This Celery keeps that it has begun.
    await expect(app.client.result(byCall.id).state()).resolves.toBe('STARTED');
  });

  it('share that a task has expired before it began', async () => {
    const late = await app.client.send('interop.add', {
      args: [1, 2],
      expires: new Date(Date.now() - 60_000),
    });
    expect(await failure(late)).toMatchObject({
      code: 'LOVAGE_TASK_REVOKED',
      details: { reason: 'expired' },
    });
    const inTime = await app.client.send('interop.add', { args: [1, 2], expires: '1h' });
    await expect(inTime.get()).resolves.toBe(3);
  });

  it('share times: a queue of Python gets messages with an eta at once, and Python waits', async () => {
    const sentAt = Date.now();
    const [far, soon] = [
      await app.client.send('interop.request', { eta: new Date('2099-01-02T03:04:05.678Z') }),
      await app.client.send<{ eta: string }>('interop.request', { countdown: '1s' }),
    ];
    await waitFor(async () => (await stage.redis.command('HLEN', 'unacked')) === 2, {
      withinMs,
      what: 'Python to hold both',
    });
    expect(await stage.redis.command('EXISTS', 'lovage:delayed:python')).toBe(0);
    const { eta } = await soon.get();
    expect(Date.parse(eta)).toBeGreaterThanOrEqual(sentAt + 1000);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(eta));
    const unacked = String(await stage.redis.command('HVALS', 'unacked'));
    expect(unacked).toContain(far.id);
    expect(unacked).toContain('2099-01-02T03:04:05.678000+00:00');
  });

  it('share priorities: 0 is first', async () => {
    const results = [];
    for (const priority of [9, 7, 3, 6, 0, 2, 4]) {
      results.push(
        await app.client.send('interop.note', { queue: 'steps', priority, taskId: `p${priority}` }),
      );
    }
    const order: string[] = [];
    const waits = results.map(async ({ id }) => {
      for await (const { ready } of app.client.result(id).changes()) if (ready) order.push(id);
    });
    await stage.worker({
      queues: ['steps'],
      hostname: 'steps@test',
      settings: { worker_prefetch_multiplier: 1 },
    });
    await Promise.all(waits);
    expect(order).toStrictEqual(['p0', 'p2', 'p3', 'p4', 'p7', 'p6', 'p9']);
  });
});
