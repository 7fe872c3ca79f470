import type { TaskApp, TaskResult, TaskSnapshot } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;

describeWith(['rabbitmq-server', 'celery'], 'a Lovage caller and a Python worker on RabbitMQ', () => {
  const stage = new PythonAndLovage();
  let app: TaskApp;

  beforeAll(async () => {
    await stage.start();
    const settings = { task_track_started: true };
    [app] = await Promise.all([
      stage.lovage({ results: 'rpc://', queues: ['python'], defaultQueue: 'python' }),
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

  it('share calls: arguments, keyword arguments, headers, lineage; the result comes by rpc', async () => {
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
      delivery_info: { exchange: '', routing_key: 'python', priority: 3, redelivered: false },
      other: { tenant: 'acme', lang: 'js' },
    });
  });

  it.each(serializers)('share the serializer %s, compressed too', async (serializer) => {
    const args = ['text '.repeat(200), { list: [1, -2.5, null] }];
    for (const compression of [undefined, 'zlib'] as const) {
      const result = await app.client.send('interop.echo', {
        args,
        serializer,
        ...(compression !== undefined && { compression }),
      });
      await expect(result.get()).resolves.toStrictEqual({ args, kwargs: {} });
    }
  });

  it('are told of each state', async () => {
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
  });

  it('share errors and retries', async () => {
    expect(await failure(await app.client.send('interop.fail', { args: ['no leaf'] }))).toMatchObject({
      name: 'ValueError',
      message: 'no leaf',
    });
    const retried = await app.client.send<number>('interop.retry_then', { args: [2] });
    await expect(retried.get()).resolves.toBe(2);
  });

  it('share times: the broker holds what is to run later, and Python gets it then', async () => {
    const later = await app.client.send('interop.add', { args: [1, 1], eta: new Date('2040-01-01') });
    const soon = await app.client.send<number>('interop.add', { args: [2, 3], countdown: '1500ms' });
    await expect(soon.get()).resolves.toBe(5);
    await expect(later.state()).resolves.toBe('PENDING');
  });

  it('share that a task has expired', async () => {
    const expired = await app.client.send('interop.add', {
      args: [1, 1],
      expires: new Date('2020-01-01'),
    });
    expect(await failure(expired)).toMatchObject({ code: 'LOVAGE_TASK_REVOKED' });
  });
});
