import type { TaskContext } from '@lovage/core';
import { type CeleryClient, describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, type TestTask, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;

describeWith(['rabbitmq-server', 'celery'], 'a Python caller and a Lovage worker on RabbitMQ', () => {
  const stage = new PythonAndLovage();
  let client: CeleryClient;
  /** What ran, in order. */
  const ran: unknown[] = [];

  const tasks: Record<string, TestTask> = {
    'js.echo': (_args, { args, kwargs }) => ({ args, kwargs }),
    'js.note': ([word]) => {
      ran.push(word);
      return word;
    },
    'js.fail': ([message]) => {
      throw new RangeError(String(message));
    },
    'js.retry': (_args, task: TaskContext) => {
      if (task.retries === 2) return task.retries;
      throw task.retry({ error: new RangeError('not yet'), countdown: 0 });
    },
    'js.request': (_args, task) => ({
      id: task.id,
      rootId: task.rootId,
      parentId: task.parentId ?? null,
      headers: task.headers,
      retries: task.retries,
      queue: task.queue,
      redelivered: task.redelivered,
    }),
  };

  beforeAll(async () => {
    await stage.start();
    const worker = { queues: ['js'], concurrency: 20 };
    [client] = await Promise.all([stage.client(), stage.lovage({ worker, queues: ['js'] }, tasks)]);
  });

  afterAll(async () => await stage.close());

  const queue = 'js';

  it('share calls: arguments, keyword arguments, headers, lineage; the result comes by rpc', async () => {
    const args = [2, 'zwölf 🌿', [1.5, true, null], { deep: { er: [] } }] as const;
    const kwargs = { who: 'Zoë', times: 3 };
    await expect(client.call({ name: 'js.echo', args, kwargs, options: { queue } })).resolves.toMatchObject({
      status: 'SUCCESS',
      value: { args, kwargs },
    });
    const options = {
      queue,
      taskId: 'with-headers',
      headers: { tenant: 'acme', sentAt: 1_763_000_000_000, below: -3_000_000_000 },
      rootId: 'r',
      parentId: 'p',
    };
    await expect(client.call({ name: 'js.request', options })).resolves.toMatchObject({
      value: {
        id: 'with-headers',
        rootId: 'r',
        parentId: 'p',
        headers: { tenant: 'acme', sentAt: 1_763_000_000_000, below: -3_000_000_000 },
        retries: 0,
        queue,
        redelivered: false,
      },
    });
  });

  it.each(serializers)('share the serializer %s, compressed too', async (serializer) => {
    const args = ['text '.repeat(200), { list: [1, -2.5, null] }] as const;
    for (const compression of [undefined, 'zlib'] as const) {
      const options = { queue, serializer, ...(compression !== undefined && { compression }) };
      await expect(client.call({ name: 'js.echo', args, options })).resolves.toMatchObject({
        status: 'SUCCESS',
        value: { args },
      });
    }
  });

  it('share calls of the old protocol, which has everything in the body', async () => {
    const old = await stage.client({ settings: { task_protocol: 1 } });
    await expect(
      old.call({ name: 'js.echo', args: [1], kwargs: { a: 2 }, options: { queue } }),
    ).resolves.toMatchObject({ value: { args: [1], kwargs: { a: 2 } } });
  });

  it('share errors, tasks that nobody knows, and retries', async () => {
    const failed = await client.call({ name: 'js.fail', args: ['too far'], options: { queue } });
    expect(failed).toMatchObject({ status: 'FAILURE', exception: { type: 'RangeError', args: ['too far'] } });
    expect(failed.traceback).toMatch(/^RangeError: too far\n {4}at /);
    await expect(client.call({ name: 'js.unknown', options: { queue } })).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'NotRegistered', args: ['js.unknown'] },
    });
    await waitFor(
      async () =>
        (await stage.rabbit.queues(stage.vhost)).some(
          ({ name, messages }) => name === 'js.parked' && messages === 1,
        ),
      { withinMs, what: 'the unknown one to be parked' },
    );
    await expect(client.call({ name: 'js.retry', options: { queue } })).resolves.toMatchObject({
      status: 'SUCCESS',
      value: 2,
    });
  });

  it('share that a task has expired before it began', async () => {
    const options = { queue, expires: '2020-01-01T00:00:00+00:00' };
    await expect(client.call({ name: 'js.note', args: ['expired'], options })).resolves.toMatchObject({
      status: 'REVOKED',
      exception: { type: 'TaskRevokedError', args: ['expired'] },
    });
    expect(ran).not.toContain('expired');
  });

  it('share times: what comes with an eta is held by the broker, takes no place, and runs then', async () => {
    await stage.lovage(
      { queues: ['narrow'], worker: { queues: ['narrow'], concurrency: 1, prefetch: 1 } },
      { 'js.when': ([word]) => ({ word, at: Date.now() }) },
    );
    const options = { queue: 'narrow' };
    for (const eta of ['2099-01-02T03:04:05.678900+00:00', '2099-01-02T03:04:05'])
      await client.send({ name: 'js.when', options: { ...options, eta } });
    const sentAt = Date.now();
    const soon = client.call({ name: 'js.when', args: ['soon'], options: { ...options, countdown: 1 } });
    await expect(client.call({ name: 'js.when', args: ['now'], options })).resolves.toMatchObject({
      value: { word: 'now' },
    });
    const { value } = await soon;
    expect((value as unknown as { readonly at: number }).at).toBeGreaterThanOrEqual(sentAt + 1000);
    await waitFor(
      async () => {
        const queues = await stage.rabbit.queues(stage.vhost);
        const waiting = queues.filter(({ name }) => name.startsWith('celery_delayed_'));
        return waiting.reduce((sum, { messages }) => sum + messages, 0) === 2;
      },
      { withinMs, what: "both to wait in Celery's queues for delays" },
    );
    const narrow = (await stage.rabbit.queues(stage.vhost)).find(({ name }) => name === 'narrow');
    expect(narrow).toMatchObject({ messages: 0, unacknowledged: 0 });
  });

  it('share priorities: the highest is first', async () => {
    const queues = [{ name: 'ranked', maxPriority: 10 }];
    await stage.lovage({ queues });
    // Python declares what it sends to, and its declaration must be the same.
    const sender = await stage.client({ settings: { task_queue_max_priority: 10 } });
    for (const priority of [0, 7, 3, 9, 5])
      await sender.send({ name: 'js.note', args: [priority], options: { queue: 'ranked', priority } });
    await waitFor(
      async () =>
        (await stage.rabbit.queues(stage.vhost)).some(({ name, ready }) => name === 'ranked' && ready === 5),
      { withinMs, what: 'all to be there' },
    );
    const order: unknown[] = [];
    await stage.lovage(
      { queues, worker: { queues: ['ranked'], concurrency: 1, prefetch: 1 } },
      { 'js.note': ([priority]) => order.push(priority) },
    );
    await waitFor(() => order.length === 5, { withinMs, what: 'all to run' });
    expect(order).toStrictEqual([9, 7, 5, 3, 0]);
  });

  it('share fanout exchanges: every queue that is bound gets it', async () => {
    const heard: string[] = [];
    for (const name of ['one', 'two']) {
      await stage.lovage(
        {
          queues: [name],
          exchanges: [{ name: 'news', type: 'fanout' }],
          bindings: [{ queue: name, exchange: 'news', routingKey: '' }],
          worker: { queues: [name] },
        },
        { 'js.hear': ([word]) => heard.push(`${name} ${String(word)}`) },
      );
    }
    await client.send({ name: 'js.hear', args: ['hello'], options: { exchange: 'news', routingKey: 'all' } });
    await waitFor(() => heard.length === 2, { withinMs, what: 'both to hear it' });
    expect(heard.toSorted()).toStrictEqual(['one hello', 'two hello']);
  });
});
