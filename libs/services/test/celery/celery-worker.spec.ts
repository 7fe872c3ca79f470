import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CeleryClient,
  CeleryWorker,
  type CeleryWorkerOptions,
  describeWith,
  RedisServer,
  waitFor,
} from '@lovage/services';

// Python starts slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(120_000);
const withinMs = 60_000;

describeWith(['redis-server', 'celery'], 'CeleryWorker and CeleryClient on Redis', () => {
  const redis = new RedisServer();
  let client: CeleryClient;
  let worker: CeleryWorker;
  const others: CeleryWorker[] = [];

  beforeAll(async () => {
    await redis.start();
    client = new CeleryClient({ broker: redis.url });
    worker = new CeleryWorker({ broker: redis.url, hostname: 'first@test' });
    await Promise.all([client.start(), worker.start()]);
  });

  afterEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.kill()));
  });

  afterAll(async () => {
    await Promise.all([client.stop(), worker.kill()]);
    await redis.close();
  });

  async function started(options: Partial<CeleryWorkerOptions> = {}): Promise<CeleryWorker> {
    const other = new CeleryWorker({ broker: redis.url, hostname: `other${others.length}@test`, ...options });
    others.push(other);
    await other.start();
    return other;
  }

  it('run tasks and get their results', async () => {
    const id = await client.send({ name: 'interop.add', args: [2, 3], options: { taskId: 'the-sum' } });
    expect(id).toBe('the-sum');
    await expect(client.get(id)).resolves.toStrictEqual({
      status: 'SUCCESS',
      value: 5,
      exception: null,
      traceback: null,
    });
    await expect(client.state(id)).resolves.toBe('SUCCESS');
    const document = await client.document(id);
    expect(JSON.parse(String(document))).toMatchObject({ task_id: id, status: 'SUCCESS', result: 5 });
    await expect(redis.command('GET', `celery-task-meta-${id}`)).resolves.toBe(String(document));
    await client.forget(id);
    await expect(client.document(id)).resolves.toBeUndefined();
  });

  it('get the exceptions of tasks, with their arguments', async () => {
    const [plain, custom] = await Promise.all([
      client.send({ name: 'interop.fail', args: ['no'] }),
      client.send({ name: 'interop.fail_custom', args: ['never', 7] }),
    ]);
    await expect(client.get(plain)).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'ValueError', module: 'builtins', args: ['no'] },
      traceback: expect.stringContaining('ValueError: no'),
    });
    await expect(client.get(custom)).resolves.toMatchObject({
      // This process does not have the class; Celery makes one under that name.
      exception: { type: 'InteropError', module: 'celery.exceptions', args: ['never', 7] },
    });
  });

  it('say so when a result does not come in time, and answer others meanwhile', async () => {
    const waiting = client.get('nobody-sent-this', 2);
    await expect(client.state('nobody-sent-this')).resolves.toBe('PENDING');
    await expect(waiting).rejects.toMatchObject({ pythonType: 'celery.exceptions.TimeoutError' });
  });

  it('take all options of a call', async () => {
    const id = await client.send({
      name: 'interop.request',
      args: [1],
      kwargs: { a: 'b' },
      options: {
        serializer: 'msgpack',
        compression: 'gzip',
        priority: 6,
        countdown: 0.1,
        expires: 600,
        headers: { trace: 'x' },
        shadow: 'other',
      },
    });
    const { value } = await client.get(id);
    expect(value).toMatchObject({ id, kwargs: { a: 'b' }, hostname: 'first@test', other: { trace: 'x' } });
  });

  it('retry, report progress, and run a canvas', async () => {
    const retried = await client.send({ name: 'interop.retry_then', args: [2] });
    await expect(client.get(retried)).resolves.toMatchObject({ status: 'SUCCESS', value: 2 });
    const { id } = await client.apply({
      task: 'interop.add',
      args: [1, 1],
      options: { link: [{ task: 'interop.mul', args: [10], options: { task_id: 'linked' } }] },
    });
    await expect(client.get(id)).resolves.toMatchObject({ value: 2 });
    const slow = await started({ queues: ['slowly'] });
    const progress = await client.send({
      name: 'interop.progress',
      args: [1, 1000],
      options: { queue: 'slowly' },
    });
    await waitFor(async () => (await client.state(progress)) === 'PROGRESS', { withinMs, what: 'progress' });
    await expect(client.peek(progress)).resolves.toMatchObject({ value: { done: 1, of: 1 } });
    await slow.kill();
  });

  it('inspect and revoke', async () => {
    await expect(
      client.inspect('ping', { timeoutSeconds: 30, destination: ['first@test'] }),
    ).resolves.toMatchObject({
      'first@test': { ok: 'pong' },
    });
    const id = await client.send({ name: 'interop.add', args: [1, 1], options: { countdown: 3600 } });
    await client.revoke(id);
    await waitFor(() => worker.log.includes(`Tasks flagged as revoked: ${id}`), {
      withinMs,
      what: 'revoked',
    });
  });

  it('stop warm: the task that runs comes to its end, also in a prefork pool', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const file = join(folder, 'evidence');
    const prefork = await started({ pool: 'prefork', queues: ['warm'] });
    const id = await client.send({ name: 'interop.account', args: [file, 2], options: { queue: 'warm' } });
    await waitFor(() => readFileSync(file, 'utf8').includes('START'), { withinMs, what: 'the task begins' });
    await Promise.all([prefork.stop(), prefork.stop()]);
    expect(readFileSync(file, 'utf8')).toBe(`START ${id} 0\nEND ${id}\n`);
    await expect(client.state(id)).resolves.toBe('SUCCESS');
    await expect(prefork.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
    rmSync(folder, { recursive: true });
  });

  it('leave messages behind when they are killed, for another one after the visibility timeout', async () => {
    const settings = { broker_transport_options: { visibility_timeout: 1, global_keyprefix: 'here:' } };
    const mine = new CeleryClient({ broker: redis.url, settings });
    await mine.start();
    const doomed = await started({ queues: ['late'], settings });
    await mine.send({
      name: 'interop.slow_late',
      args: [1000],
      options: { queue: 'late', taskId: 'late-task' },
    });
    await doomed.waitForLog(/late-task\] received/, { withinMs });
    await waitFor(async () => (await redis.command('HLEN', 'here:unacked')) === 1, {
      withinMs,
      what: 'unacked',
    });
    await doomed.kill();
    await expect(mine.state('late-task')).resolves.toBe('PENDING');
    const [, score] = (await redis.command('ZRANGE', 'here:unacked_index', 0, -1, 'WITHSCORES')) as string[];
    await waitFor(() => Date.now() / 1000 > Number(score) + 1, { withinMs, what: 'the timeout to pass' });
    // kombu looks for such messages when it connects.
    const heir = await started({ queues: ['late'], settings });
    await heir.waitForLog(/late-task\] received/, { withinMs });
    await mine.stop();
  });

  it('wait and go on', async () => {
    worker.pause();
    const id = await client.send({ name: 'interop.hostname' });
    await expect(client.state(id)).resolves.toBe('PENDING');
    worker.resume();
    await expect(client.get(id)).resolves.toMatchObject({ value: 'first@test' });
  });
});

describeWith('celery', 'CeleryWorker', () => {
  it('shows its log when it cannot start, and may be stopped before and meanwhile', async () => {
    const wrong = new CeleryWorker({ broker: 'nonsense://' });
    await wrong.stop();
    const failing = new CeleryWorker({ broker: 'nonsense://' });
    await expect(failing.start()).rejects.toMatchObject({
      code: 'PROGRAM_EXITED',
      message: expect.stringContaining('nonsense'),
    });
    const stopped = new CeleryWorker({ broker: 'memory://' });
    const starting = stopped.start();
    await Promise.all([stopped.kill(), expect(starting).rejects.toMatchObject({ code: expect.any(String) })]);
  });
});
