import type { TaskApp, TaskContext } from '@lovage/core';
import { type CeleryClient, type CeleryWorker, describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

const untilAborted = async ({ signal }: TaskContext): Promise<never> =>
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describeWith(['redis-server', 'celery'], 'the life of a task that Lovage sends to Python', () => {
  const stage = new PythonAndLovage();
  let app: TaskApp;
  let worker: CeleryWorker;
  const node = 'python@life';

  beforeAll(async () => {
    await stage.start();
    app = await stage.lovage({
      broker: stage.url('pythonQueues=python'),
      queues: ['python'],
      defaultQueue: 'python',
    });
    worker = await stage.worker({
      queues: ['python'],
      pool: 'prefork',
      concurrency: 2,
      hostname: node,
      settings: { task_track_started: true },
    });
  });

  afterAll(async () => await stage.close());

  const until = async (id: string, state: string): Promise<unknown> =>
    await waitFor(async () => (await app.client.result(id).state()) === state, {
      withinMs,
      what: `the task is ${state}`,
    });

  it('answers a ping', async () => {
    expect(worker.running).toBe(true);
    await expect(app.control.ping({ destination: [node], timeout: '60s' })).resolves.toStrictEqual({
      [node]: { ok: 'pong' },
    });
  });

  it('is revoked while Python holds it back', async () => {
    const result = await app.client.send('interop.add', { args: [1, 2], countdown: 3 });
    await result.revoke();
    await until(result.id, 'REVOKED');
    await expect(result.get()).rejects.toMatchObject({ code: 'LOVAGE_TASK_REVOKED' });
  });

  it('is terminated while it runs', async () => {
    const result = await app.client.send('interop.slow', { args: [600] });
    await until(result.id, 'STARTED');
    const revoked = await result.revoke({ terminate: true, wait: '60s' });
    expect(revoked).toStrictEqual({ taskId: result.id, outcome: 'over', state: 'REVOKED' });
  });

  it('runs into the limits that the call has', async () => {
    const soft = await app.client.send('interop.slow', { args: [600], softTimeLimit: 1, timeLimit: 600 });
    const hard = await app.client.send('interop.slow', { args: [600], timeLimit: 1 });
    await expect(soft.get({ timeout: '60s' })).rejects.toMatchObject({ name: 'SoftTimeLimitExceeded' });
    await expect(hard.get({ timeout: '60s' })).rejects.toMatchObject({ name: 'TimeLimitExceeded' });
  });

  it('takes new limits and is retried', async () => {
    const limits = await app.control.timeLimit(
      'interop.slow',
      { hard: 600 },
      { destination: [node], timeout: '60s' },
    );
    expect(limits).toStrictEqual({ [node]: { ok: 'time limits set successfully' } });
    const result = await app.client.send<number>('interop.retry_then', { args: [2] });
    await expect(result.get({ timeout: '60s' })).resolves.toBe(2);
  });
});

describeWith(['redis-server', 'celery'], 'the life of a task that Python sends to Lovage', () => {
  const stage = new PythonAndLovage();
  let client: CeleryClient;
  let app: TaskApp;
  let begun = 0;
  const node = 'lovage@life';

  beforeAll(async () => {
    await stage.start();
    app = await stage.lovage(
      { worker: { hostname: node } },
      {
        'life.long': async (_args, task) => {
          begun += 1;
          return await untilAborted(task);
        },
        'life.flaky': {
          run: (_args, task) => {
            if (task.retries < 2) throw new RangeError('not yet');
            return task.retries;
          },
          options: { autoretryFor: [RangeError], retryBackoff: 0.05 },
        },
        'life.hopeless': {
          run: () => {
            throw new RangeError('never');
          },
          options: { autoretryFor: [RangeError], maxRetries: 1, defaultRetryDelay: 0 },
        },
        'life.add': ([x, y]) => Number(x) + Number(y),
      },
    );
    client = await stage.client();
  });

  afterAll(async () => await stage.close());

  it('answers a ping, among all and by name', async () => {
    await waitFor(async () => node in (await client.inspect('ping')), { withinMs, what: 'an answer' });
    const one = await client.inspect('ping', { destination: [node], timeoutSeconds: 30 });
    expect(one).toStrictEqual({ [node]: { ok: 'pong' } });
    expect(app.worker?.hostname).toBe(node);
  });

  it('is revoked while it waits, and stays so', async () => {
    const id = await client.send({ name: 'life.add', args: [1, 2], options: { countdown: 3 } });
    await client.revoke(id);
    await expect(client.get(id)).resolves.toMatchObject({
      status: 'REVOKED',
      exception: { type: 'TaskRevokedError' },
    });
  });

  it('is terminated while it runs', async () => {
    const before = begun;
    const id = await client.send({ name: 'life.long' });
    await waitFor(() => begun > before, { withinMs, what: 'it runs' });
    await client.revoke(id, { terminate: 'SIGTERM' });
    await expect(client.get(id)).resolves.toMatchObject({ status: 'REVOKED' });
  });

  it('runs into the limits that the call has', async () => {
    const soft = await client.send({ name: 'life.long', options: { softTimeLimit: 1, timeLimit: 600 } });
    const hard = await client.send({ name: 'life.long', options: { timeLimit: 1 } });
    await expect(client.get(soft)).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'SoftTimeLimitExceeded', module: 'billiard.exceptions' },
    });
    await expect(client.get(hard)).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'TimeLimitExceeded', module: 'billiard.exceptions' },
    });
  });

  it('expires, is retried, or fails with its last error', async () => {
    const expired = await client.send({
      name: 'life.add',
      args: [1, 2],
      options: { countdown: 2, expires: 1 },
    });
    const flaky = await client.send({ name: 'life.flaky' });
    const hopeless = await client.send({ name: 'life.hopeless' });
    await expect(client.get(flaky)).resolves.toMatchObject({ status: 'SUCCESS', value: 2 });
    await expect(client.get(hopeless)).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'RangeError' },
    });
    await expect(client.get(expired)).resolves.toMatchObject({ status: 'REVOKED' });
  });
});
