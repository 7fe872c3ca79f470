import type { TaskContext } from '@lovage/core';
import { type CeleryClient, describeWith, python, waitFor } from '@lovage/services';
import { PythonAndLovage, type TestTask, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;
const compressions = ['none', 'zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'] as const;

class StockError extends Error {
  override readonly name = 'StockError';
  readonly code = 'OUT_OF_STOCK';
}

describeWith(['redis-server', 'celery'], 'a Python caller and a Lovage worker', () => {
  const stage = new PythonAndLovage();
  let client: CeleryClient;
  /** What ran, in order. */
  const ran: string[] = [];
  /** Ends tasks that wait. */
  const gates = new Map<string, () => void>();

  const wait = async (task: TaskContext): Promise<void> =>
    await new Promise<void>((resolve) => {
      gates.set(task.id, resolve);
    });

  const tasks: Record<string, TestTask | { run: TestTask; options: object }> = {
    'js.echo': (_args, { args, kwargs }) => ({ args, kwargs }),
    'js.note': ([word]) => {
      ran.push(String(word));
      return word;
    },
    'js.fail': ([message]) => {
      throw new RangeError(String(message));
    },
    'js.fail_custom': ([message]) => {
      throw new StockError(String(message), { cause: new TypeError('below it') });
    },
    'js.progress': async (_args, task) => {
      await task.updateState('PROGRESS', { done: 1, of: 2 });
      await wait(task);
      return 'done';
    },
    'js.retry': ([countdown], task) => {
      if (task.retries === 2) return task.retries;
      throw task.retry({ error: new RangeError('not yet'), countdown: Number(countdown) });
    },
    'js.ignored': { run: ([value]) => value, options: { ignoreResult: true } },
    'js.request': (_args, task) => ({
      id: task.id,
      rootId: task.rootId,
      parentId: task.parentId ?? null,
      headers: task.headers,
      retries: task.retries,
      queue: task.queue,
    }),
  };

  beforeAll(async () => {
    await stage.start();
    const worker = { queues: ['js'], concurrency: 20 };
    [client] = await Promise.all([stage.client(), stage.lovage({ worker, queues: ['js'] }, tasks)]);
  });

  afterAll(async () => await stage.close());

  const queue = 'js';

  it('share calls: arguments, keyword arguments, headers, lineage', async () => {
    const args = [2, 'zwölf 🌿', [1.5, true, null], { deep: { er: [] } }] as const;
    const kwargs = { who: 'Zoë', times: 3 };
    const id = await client.send({ name: 'js.echo', args, kwargs, options: { queue } });
    await expect(client.get(id)).resolves.toMatchObject({ status: 'SUCCESS', value: { args, kwargs } });
    const options = {
      queue,
      taskId: 'with-headers',
      headers: { tenant: 'acme' },
      rootId: 'r',
      parentId: 'p',
    };
    await client.send({ name: 'js.request', options });
    await expect(client.get('with-headers')).resolves.toMatchObject({
      value: {
        id: 'with-headers',
        rootId: 'r',
        parentId: 'p',
        headers: { tenant: 'acme' },
        retries: 0,
        queue,
      },
    });
  });

  it('share calls of the old protocol, which has everything in the body', async () => {
    const old = await stage.client({ settings: { task_protocol: 1 } });
    const id = await old.send({ name: 'js.echo', args: [1], kwargs: { a: 2 }, options: { queue } });
    await expect(old.get(id)).resolves.toMatchObject({ value: { args: [1], kwargs: { a: 2 } } });
  });

  it.each(compressions)('share every serializer, compressed: %s', async (compression) => {
    const plain = ['text '.repeat(200), { list: [1, -2.5, null] }] as const;
    const [bytes, bytesOfResult] = [Buffer.from([0, 255]), { __type__: 'base64', __value__: 'AP8=' }];
    for (const serializer of serializers) {
      // JSON of this Celery has no bytes; what it reads of them in a result is their JSON form.
      const hasBytes = serializer !== 'json';
      const id = await client.send({
        name: 'js.echo',
        args: hasBytes ? [...plain, python.bytes(bytes)] : plain,
        options: { queue, serializer, ...(compression !== 'none' && { compression }) },
      });
      const args = hasBytes ? [...plain, bytesOfResult] : plain;
      await expect(client.get(id)).resolves.toMatchObject({ status: 'SUCCESS', value: { args } });
    }
  });

  it('wait for results without asking again and again', async () => {
    const id = await client.send({ name: 'js.progress', options: { queue } });
    const result = client.get(id);
    await waitFor(() => gates.has(id), { withinMs, what: 'the task to wait' });
    const channel = `celery-task-meta-${id}`;
    await waitFor(
      async () => ((await stage.redis.command('PUBSUB', 'NUMSUB', channel)) as readonly unknown[])[1] === 1,
      { withinMs, what: 'Python to listen' },
    );
    await expect(client.peek(id)).resolves.toMatchObject({ status: 'PROGRESS', value: { done: 1, of: 2 } });
    gates.get(id)?.();
    await expect(result).resolves.toMatchObject({ status: 'SUCCESS', value: 'done' });
  });

  it('share errors: class, message, traceback', async () => {
    const failed = await client.send({ name: 'js.fail', args: ['too far'], options: { queue } });
    const got = await client.get(failed);
    expect(got).toMatchObject({ status: 'FAILURE', exception: { type: 'RangeError', args: ['too far'] } });
    expect(got.traceback).toMatch(/^RangeError: too far\n {4}at /);
    const custom = await client.send({ name: 'js.fail_custom', args: ['no leaf left'], options: { queue } });
    const gotCustom = await client.get(custom);
    expect(gotCustom).toMatchObject({
      status: 'FAILURE',
      exception: { type: 'StockError', args: ['no leaf left'] },
    });
    expect(gotCustom.traceback).toMatch(/StockError: no leaf left[^]*caused by: TypeError: below it/);
  });

  it('share the fate of a task that nobody knows', async () => {
    const id = await client.send({ name: 'js.unknown', options: { queue } });
    await expect(client.get(id)).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'NotRegistered', args: ['js.unknown'] },
    });
    expect((await stage.messages(queue, 'parked')).map(({ reason }) => reason?.code)).toStrictEqual([
      'LOVAGE_TASK_UNKNOWN',
    ]);
  });

  it('share retries', async () => {
    const id = await client.send({ name: 'js.retry', args: [0], options: { queue } });
    await expect(client.get(id)).resolves.toMatchObject({ status: 'SUCCESS', value: 2 });
    const later = await client.send({ name: 'js.retry', args: [3600], options: { queue } });
    await waitFor(async () => (await client.state(later)) === 'RETRY', { withinMs, what: 'RETRY' });
    await expect(client.peek(later)).resolves.toMatchObject({
      exception: { type: 'RangeError', args: ['not yet'] },
    });
  });

  it('share that a result is ignored, by the call or by the task', async () => {
    const byCall = await client.send({ name: 'js.echo', options: { queue, ignoreResult: true } });
    const marker = await client.send({ name: 'js.echo', options: { queue } });
    await client.get(marker);
    await expect(client.document(byCall)).resolves.toBeUndefined();
    // A caller that knows the name only writes `ignore_result: false`, and what the call says holds.
    const byTask = await client.send({ name: 'js.ignored', args: [5], options: { queue } });
    await expect(client.get(byTask)).resolves.toMatchObject({ value: 5 });
  });

  it('share that a task has expired before it began', async () => {
    const id = await client.send({
      name: 'js.note',
      args: ['expired'],
      options: { queue, expires: '2020-01-01T00:00:00+00:00' },
    });
    await expect(client.get(id)).resolves.toMatchObject({
      status: 'REVOKED',
      exception: { type: 'TaskRevokedError', args: ['expired'] },
    });
    const inTime = await client.send({
      name: 'js.note',
      args: ['in time'],
      options: { queue, expires: 3600 },
    });
    await expect(client.get(inTime)).resolves.toMatchObject({ value: 'in time' });
    expect(ran).not.toContain('expired');
  });

  it('share that Lovage has revoked a task that waited', async () => {
    const id = await client.send({ name: 'js.note', args: ['revoked'], options: { queue: 'later' } });
    const result = client.get(id);
    const options = { queues: ['later'], worker: { queues: ['later'] } };
    await (await stage.lovage({})).client.revoke(id);
    await stage.lovage(options, tasks);
    await expect(result).resolves.toMatchObject({
      status: 'REVOKED',
      exception: { type: 'TaskRevokedError', args: ['revoked'] },
    });
    expect(ran).not.toContain('revoked');
  });

  it('share times: a message with an eta waits in the index, takes no place, and runs then', async () => {
    await stage.lovage(
      { queues: ['narrow'], worker: { queues: ['narrow'], concurrency: 1, prefetch: 1 } },
      { 'js.when': ([word]) => ({ word, at: Date.now() }) },
    );
    const options = { queue: 'narrow' };
    const far = await Promise.all(
      ['2099-01-02T03:04:05.678900+00:00', '2099-01-02T03:04:05', '2099-01-02T03:04:05+05:30'].map(
        async (eta) => await client.send({ name: 'js.when', options: { ...options, eta } }),
      ),
    );
    const sentAt = Date.now();
    const soon = await client.send({
      name: 'js.when',
      args: ['soon'],
      options: { ...options, countdown: 1 },
    });
    const now = await client.send({ name: 'js.when', args: ['now'], options });
    const outcomes = [await client.get(now), await client.get(soon)].map(
      ({ value }) => value as unknown as { word: string; at: number },
    );
    expect(outcomes.map(({ word }) => word)).toStrictEqual(['now', 'soon']);
    expect(outcomes[1]?.at).toBeGreaterThanOrEqual(sentAt + 1000);
    const waiting = await stage.messages('narrow', 'delayed');
    expect(
      waiting.map(({ message, notBefore }) => [
        message.headers['id'],
        new Date(notBefore ?? 0).toISOString(),
      ]),
    ).toStrictEqual([
      [far[2], '2099-01-01T21:34:05.000Z'],
      [far[1], '2099-01-02T03:04:05.000Z'],
      [far[0], '2099-01-02T03:04:05.678Z'],
    ]);
    expect(await stage.redis.command('HLEN', 'unacked')).toBe(0);
  });

  it('share priorities: 0 is first', async () => {
    for (const priority of [9, 7, 3, 6, 0, 2, 4]) {
      await client.send({ name: 'js.note', args: [`p${priority}`], options: { queue: 'steps', priority } });
    }
    const order: unknown[] = [];
    await stage.lovage(
      { queues: ['steps'], worker: { queues: ['steps'], concurrency: 1, prefetch: 1 } },
      { 'js.note': ([word]) => order.push(word) },
    );
    await waitFor(() => order.length === 7, { withinMs, what: 'all to run' });
    expect(order).toStrictEqual(['p0', 'p2', 'p3', 'p4', 'p7', 'p6', 'p9']);
  });
});
