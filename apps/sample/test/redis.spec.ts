import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram, describeWith, freePort, RedisServer, waitFor } from '@lovage/services';
import { readTask } from './support/task-requests.js';
import { textOf } from './support/word-list.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const startedWithin = { withinMs: 180_000 };

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(240_000);

describeWith('redis-server', 'the sample on Redis', () => {
  const redis = new RedisServer();
  let temporary: string;
  let url: string;
  let web: ChildProgram;
  let workers: ChildProgram[];

  beforeAll(async () => {
    await redis.start();
  });

  afterAll(async () => {
    await redis.close();
  });

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
    workers = [];
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    web = program('npm start', [], { PORT: String(port) });
    await web.start();
    await web.waitForLine(/Open http:\/\/\S+ in a browser/, startedWithin);
  });

  afterEach(async () => {
    await Promise.all([web, ...workers].map((one) => one.kill()));
    await rm(temporary, { recursive: true, force: true });
  });

  function program(name: string, args: readonly string[], env: Record<string, string> = {}): ChildProgram {
    return new ChildProgram({
      name,
      command: process.execPath,
      args: [join(root, 'tools/start.mjs'), ...args],
      cwd: root,
      env: {
        NODE_OPTIONS: undefined,
        // What a dead worker had comes back soon.
        LOVAGE_BROKER: `${redis.url}?lease=1s`,
        LOVAGE_RESULTS: undefined,
        LOVAGE_WORKER: undefined,
        LOVAGE_UPLOADS: undefined,
        HOST: undefined,
        TMPDIR: temporary,
        ...env,
      },
    });
  }

  async function startWorker(): Promise<ChildProgram> {
    const worker = program('npm run worker', ['worker']);
    workers.push(worker);
    await worker.start();
    await worker.waitForLine(/Executes tasks from redis:\/\/127\.0\.0\.1:\d+/, startedWithin);
    return worker;
  }

  async function submit(operation: string): Promise<string> {
    const response = await fetch(`${url}/math/${operation}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"x":6,"y":7}',
    });
    return ((await response.json()) as { id: string }).id;
  }

  it('submits in one process and executes in another', async () => {
    const id = await submit('add');
    expect((await readTask(url, id)).state).toBe('PENDING');
    await startWorker();
    await waitFor(async () => (await readTask(url, id)).state === 'SUCCESS', {
      withinMs: 60_000,
      what: 'the worker to execute the task',
    });
    expect((await readTask(url, id)).result).toBe(13);
  });

  it('goes on when a worker is killed in the middle of a task', async () => {
    const worker = await startWorker();
    const id = await submit('mul');
    await waitFor(async () => (await readTask(url, id)).state === 'PROGRESS', {
      withinMs: 60_000,
      what: 'the task to begin',
    });
    await worker.kill();
    await startWorker();
    await waitFor(async () => (await readTask(url, id)).state === 'SUCCESS', {
      withinMs: 60_000,
      what: 'another worker to execute the task',
    });
    expect((await readTask(url, id)).result).toBe(42);
  });

  it('counts the parts of a file in the workers, and goes on when one of them is killed', async () => {
    const { text, words } = textOf(40 * 1024 * 1024);
    const form = new FormData();
    form.append('file', new Blob([text]), 'herbs.txt');
    const response = await fetch(`${url}/words`, { method: 'POST', body: form });
    const { id, group } = (await response.json()) as { id: string; group: string };
    const worker = await startWorker();
    await waitFor(
      async () => (await (await fetch(`${url}/workflows/groups/${group}`)).text()).includes('"PROGRESS"'),
      { withinMs: 60_000, what: 'the parts are being counted' },
    );
    await worker.kill();
    await startWorker();
    await waitFor(async () => (await readTask(url, id)).state === 'SUCCESS', {
      withinMs: 60_000,
      what: 'the parts to be added up',
    });
    expect((await readTask(url, id)).result).toMatchObject({ words, distinct: 6, complete: true });
  });

  it('keeps tasks and results when the web process is killed', async () => {
    const id = await submit('add');
    await web.kill();
    await startWorker();
    const port = await freePort();
    const second = program('npm start', [], { PORT: String(port) });
    workers.push(second);
    await second.start();
    await second.waitForLine(/Open http:\/\/\S+ in a browser/, startedWithin);
    await waitFor(async () => (await readTask(`http://127.0.0.1:${port}`, id)).state === 'SUCCESS', {
      withinMs: 60_000,
      what: 'the task of the killed process to be done',
    });
    expect((await readTask(`http://127.0.0.1:${port}`, id)).result).toBe(13);
  });
});
