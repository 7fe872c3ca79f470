import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskApp } from '@lovage/core';
import { type ChildProgram, describeWith, freePort, RedisServer, waitFor } from '@lovage/services';
import { appPath, compileCommand, LovageCommands, withinMs } from '../support/lovage-command.js';

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(240_000);

const exitOf = async (program: ChildProgram): Promise<number | null> => (await program.exited).code;

describeWith('redis-server', 'lovage worker', () => {
  const redis = new RedisServer();
  const commands = new LovageCommands();
  let client: TaskApp;
  let url: string;
  let tests = 0;

  beforeAll(async () => {
    await Promise.all([redis.start(), compileCommand()]);
  });

  beforeEach(async () => {
    tests += 1;
    url = `${redis.url}?lease=2s&keyPrefix=test${tests}:`;
    client = await TaskApp.create({ broker: url, worker: false });
    await client.start();
  });

  afterEach(async () => {
    await commands.clear();
    await client.close();
  });

  afterAll(async () => await redis.close());

  const where = async (queue = 'celery'): Promise<{ readonly pid: number; readonly thread?: number }> => {
    const sent = await client.client.send<{ pid: number }>('where', { queue });
    return await sent.get({ timeout: '60s' });
  };

  /** Sends a task of this length; resolves when a worker has begun it. */
  async function begun(worker: ChildProgram, ms: number) {
    const result = await client.client.send<number>('work', { args: [ms] });
    await worker.waitForLine(new RegExp(`^begun ${result.id}$`), { withinMs });
    return result;
  }

  it.each([
    ['an app that an ES module exports', 'tasks.mjs'],
    ['the app that is named', 'tasks.mjs:app'],
    ['a function that makes an app, by default', 'default-function.mjs'],
    ['a function that is named', 'tasks.mjs:make'],
    ['a CommonJS module', 'common.cjs:application'],
    ['a Nest module whose options say that it is a client', 'nest.mjs'],
    ['the Nest module that is named', 'nest.mjs:AppModule'],
  ])('runs %s', async (_, app) => {
    const worker = await commands.worker(app, ['-b', url, '-n', 'w1@%n']);
    await expect(where()).resolves.toMatchObject({ pid: worker.pid });
    worker.signal('SIGTERM');
    await expect(exitOf(worker)).resolves.toBe(0);
    const closedByApp = worker.output('stdout').includes('closed by the application');
    expect(closedByApp).toBe(app === 'default-function.mjs');
  });

  it('says what it is', async () => {
    const env = { LOVAGE_BROKER: url, LOVAGE_CONCURRENCY: '5', LOVAGE_HOSTNAME: 'banner@here' };
    const worker = await commands.worker('tasks.mjs', ['-Q', 'other,new', '-c', '3'], env);
    const said = worker.output('stdout');
    for (const line of [
      /^lovage \d+\.\d+\.\d+, worker banner@here$/m,
      /^ {2}app: .*tasks\.mjs$/m,
      /^ {2}transport: +redis:\/\/127\.0\.0\.1:\d+\/0$/m,
      /^ {2}results: +redis:\/\//m,
      // The command line wins.
      /^ {2}concurrency: +3 \(async\)$/m,
      /^ {2}\.> other +exchange=\(direct\) key=other$/m,
      /^ {2}\.> new /m,
      /^ {2}\. where$/m,
      /^ {2}\. work$/m,
    ]) {
      expect(said).toMatch(line);
    }
    expect(said).not.toMatch(/\.> celery/);
    await expect(where('other')).resolves.toMatchObject({ pid: worker.pid });
  });

  it.each(['processes', 'threads'])(
    'executes in a pool of %s, whose children make the same application',
    async (pool) => {
      for (const app of ['tasks.mjs', 'nest.mjs']) {
        const worker = await commands.worker(app, [
          '-b',
          url,
          '-P',
          pool,
          '-c',
          '2',
          '--max-tasks-per-child',
          '50',
        ]);
        const { pid, thread = 0 } = await where();
        expect({ pid: pid === worker.pid, thread: thread > 0 }).toStrictEqual({
          pid: pool === 'threads',
          thread: pool === 'threads',
        });
        // To the children too, as systemd does it.
        worker.signal('SIGTERM');
        await expect(exitOf(worker)).resolves.toBe(0);
      }
    },
  );

  it('lets running tasks end at SIGTERM, and takes no more', async () => {
    const worker = await commands.worker('tasks.mjs', ['-b', url, '-c', '1', '--drain-timeout', '60']);
    const first = await begun(worker, 1500);
    const second = await client.client.send('work', { args: [1] });
    worker.signal('SIGTERM');
    await expect(exitOf(worker)).resolves.toBe(0);
    await expect(first.get({ timeout: '60s' })).resolves.toBe(1500);
    expect(worker.output('stdout')).toContain(`ended ${first.id}`);
    expect(worker.output('stdout')).not.toContain(`begun ${second.id}`);
    expect(worker.output('stdout')).toMatch(/stopped: 1 finished, \d+ handed back before they began, 0 cut/);
    await commands.worker('tasks.mjs', ['-b', url]);
    await expect(second.get({ timeout: '60s' })).resolves.toBe(1);
  });

  it.each([
    ['the drain timeout', ['--drain-timeout', '0.2'], ['SIGTERM']],
    [
      'the drain timeout in a pool of processes',
      ['-P', 'processes', '-c', '1', '--drain-timeout', '0.2'],
      ['SIGTERM'],
    ],
    ['SIGQUIT', [], ['SIGQUIT']],
    ['a second SIGTERM', ['--drain-timeout', '600'], ['SIGTERM', 'SIGTERM']],
    ['a second Ctrl-C', ['--drain-timeout', '600'], ['SIGINT', 'SIGINT']],
  ] as const)('cuts running tasks at %s, says which, and others have them', async (_, args, signals) => {
    const worker = await commands.worker('tasks.mjs', ['-b', url, ...args]);
    const result = await begun(worker, 500_000);
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await worker.waitForLine(/warm shutdown/, { withinMs });
      worker.signal(signal);
    }
    await expect(exitOf(worker)).resolves.toBe(75);
    expect(worker.output('stdout')).toContain(`1 cut and handed back: work[${result.id}]`);
    const other = await commands.worker('tasks.mjs', ['-b', url]);
    await other.waitForLine(new RegExp(`^begun ${result.id}$`), { withinMs });
  });

  it('ends with 0 when it is told to while it waits for a broker that can not be reached', async () => {
    const [nobody, health] = [await freePort(), await freePort()];
    const args = ['-A', appPath('tasks.mjs'), '-b', `redis://127.0.0.1:${nobody}`];
    const worker = await commands.start(['worker', ...args, '--health-port', String(health)], {
      STORE_TIMEOUT: '2s',
    });
    await waitFor(async () => (await fetch(`http://127.0.0.1:${health}/ready`)).status === 503, {
      what: 'a worker that starts answers probes',
      withinMs,
    });
    worker.signal('SIGTERM');
    await expect(exitOf(worker)).resolves.toBe(0);
  });

  it('takes -E of a command line of Celery, and says that no events are sent', async () => {
    const worker = await commands.worker('tasks.mjs', ['-b', url, '-E']);
    const lines = worker.output('stderr').split('\n');
    expect(lines.filter((line) => line.includes('--task-events'))).toHaveLength(1);
    worker.signal('SIGTERM');
    await expect(exitOf(worker)).resolves.toBe(0);
  });

  it('tells probes by file and port whether it takes tasks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lovage-health-'));
    const file = join(folder, 'ready');
    const port = await freePort();
    try {
      const health = ['--health-port', String(port), '--health-host', '127.0.0.1', '--health-file', file];
      const worker = await commands.worker('tasks.mjs', ['-b', url, '--drain-timeout', '600', ...health]);
      const status = async (path: string): Promise<number> =>
        (await fetch(`http://127.0.0.1:${port}${path}`)).status;
      await expect(status('/ready')).resolves.toBe(200);
      await expect(status('/live')).resolves.toBe(200);
      await expect(status('/')).resolves.toBe(404);
      await expect(readFile(file, 'utf8')).resolves.toBe(`${worker.pid}\n`);
      await begun(worker, 500_000);
      worker.signal('SIGTERM');
      await waitFor(async () => (await status('/ready')) === 503, {
        what: 'a draining worker is not ready',
        withinMs,
      });
      await expect(status('/live')).resolves.toBe(200);
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
      worker.signal('SIGQUIT');
      await expect(exitOf(worker)).resolves.toBe(75);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
