import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram, describeWith, freePort, RabbitServer, RedisServer, waitFor } from '@lovage/services';
import { readTask } from './support/task-requests.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const withinMs = 180_000;

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(300_000);

/** The lines of the README: a web process by `npm start` and a worker by `lovage worker`, both told by the environment. */
async function webAndWorker(stores: Readonly<Record<string, string>>): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
  const programs: ChildProgram[] = [];
  const start = async (
    name: string,
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<ChildProgram> => {
    const program = new ChildProgram({
      name,
      command: process.execPath,
      args,
      cwd: root,
      env: {
        NODE_OPTIONS: undefined,
        LOVAGE_WORKER: undefined,
        LOVAGE_UPLOADS: undefined,
        HOST: undefined,
        TMPDIR: temporary,
        ...stores,
        ...env,
      },
    });
    programs.push(program);
    await program.start();
    return program;
  };
  try {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const web = await start('npm start', ['tools/start.mjs'], { PORT: String(port) });
    await web.waitForLine(/Open http:\/\/\S+ in a browser/, { withinMs });
    const response = await fetch(`${url}/math/add`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"x":6,"y":7}',
    });
    const { id } = (await response.json()) as { id: string };
    expect((await readTask(url, id)).state).toBe('PENDING');
    const command = ['packages/cli/bin/lovage.js', 'worker', '-A', 'apps/sample/dist/app.module.js'];
    const worker = await start('lovage worker', command, {});
    await worker.waitForLine(/ ready\.$/, { withinMs });
    await waitFor(async () => (await readTask(url, id)).state === 'SUCCESS', {
      withinMs,
      what: 'the worker to execute the task',
    });
    expect((await readTask(url, id)).result).toBe(13);
    worker.signal('SIGTERM');
    expect((await worker.exited).code).toBe(0);
    web.signal('SIGTERM');
    expect((await web.exited).code).toBe(0);
  } finally {
    await Promise.all(programs.map(async (program) => await program.kill()));
    await rm(temporary, { recursive: true, force: true });
  }
}

describeWith('redis-server', 'web and worker apart on Redis', () => {
  const redis = new RedisServer();
  beforeAll(async () => await redis.start());
  afterAll(async () => await redis.close());

  it('submit in one process and execute in another', async () => {
    await expect(webAndWorker({ LOVAGE_BROKER: redis.url })).resolves.toBeUndefined();
  });
});

describeWith(['redis-server', 'rabbitmq-server'], 'web and worker apart on RabbitMQ', () => {
  const redis = new RedisServer();
  const rabbit = new RabbitServer();
  beforeAll(async () => {
    await Promise.all([redis.start(), rabbit.start()]);
  });
  afterAll(async () => {
    await Promise.all([redis.close(), rabbit.close()]);
  });

  it('submit in one process and execute in another, with results on Redis', async () => {
    const { url } = await rabbit.createVhost();
    await expect(webAndWorker({ LOVAGE_BROKER: url, LOVAGE_RESULTS: redis.url })).resolves.toBeUndefined();
  });
});
