import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerOptions } from '../../../src/app/app-options.js';
import type { TaskApp } from '../../../src/app/task-app.js';
import { Deadline } from '../../../src/clock/deadline.js';
import { isLovageError } from '../../../src/errors/lovage-error.js';
import type { LovageEvent } from '../../../src/events/task-event.js';
import { makeApp } from '../../support/pool-app.js';
import { PoolPrograms } from '../../support/pool-programs.js';

const generous = '60s';

let programs: PoolPrograms;
const apps = new Set<TaskApp>();

beforeAll(async () => {
  programs = await PoolPrograms.build();
});

afterEach(async () => {
  for (const app of apps) await app.stop(Deadline.in(app.clock, 0));
  apps.clear();
});

afterAll(async () => {
  await programs.remove();
});

interface Opened {
  readonly app: TaskApp;
  readonly events: LovageEvent[];
  readonly run: (name: string, ...args: readonly unknown[]) => Promise<unknown>;
  readonly fails: (name: string, ...args: readonly unknown[]) => Promise<unknown>;
}

async function open(worker: WorkerOptions, data: object = {}): Promise<Opened> {
  const entry = {
    module: programs.urlOf('pool-app'),
    export: 'makeApp',
    data,
    ...(worker.entry as object | undefined),
  };
  const app = await makeApp(
    { options: { worker: { ...worker, entry } } },
    { childPrograms: programs.children },
  );
  apps.add(app);
  const events: LovageEvent[] = [];
  app.events.listen((event) => events.push(event));
  await app.start();
  const run: Opened['run'] = async (name, ...args) =>
    await (await app.client.send(name, { args })).get({ timeout: generous });
  return {
    app,
    events,
    run,
    fails: async (name, ...args) =>
      await run(name, ...args).then(
        () => {
          throw new Error(`${name} did not fail`);
        },
        (error: unknown) => error,
      ),
  };
}

const problemsOf = (events: readonly LovageEvent[]): unknown[] =>
  events.flatMap((event) => (event.type === 'worker-problem' ? [event.error] : []));

describe.each(['threads', 'processes'] as const)('the pool %s', (pool) => {
  it('runs tasks elsewhere and brings back what they give, throw and write', async () => {
    const { app, run, fails, events } = await open({ pool, concurrency: 1 });
    expect(await run('add', 2, 3)).toBe(5);
    const { pid, threadId } = (await run('where')) as { pid: number; threadId: number };
    expect(pid === process.pid).toBe(pool === 'threads');
    expect(threadId === 0).toBe(pool === 'processes');
    expect(await run('values')).toEqual({ date: new Date(0), bytes: Buffer.from('ü'), big: 2n ** 80n });
    expect(await fails('fail')).toMatchObject({
      name: 'OrderRefused',
      message: 'no such order',
      remoteCode: 'E_ORDER',
      stack: expect.stringContaining('pool-app'),
      cause: { name: 'RangeError', message: '41' },
    });
    expect(await fails('unwritable')).toMatchObject({ remoteCode: 'LOVAGE_VALUE_UNSERIALIZABLE' });
    expect(await fails('reserved')).toMatchObject({ remoteCode: 'LOVAGE_STATE_RESERVED' });
    expect(await fails('reject')).toMatchObject({ code: 'LOVAGE_TASK_FAILED' });
    expect(await run('retry')).toBe(1);
    expect(await run('progress')).toBe('done');
    expect(await run('send')).toBe('sent');
    const sent = await app.client.send('context', { headers: { shop: 7 } });
    expect(await sent.get({ timeout: generous })).toEqual({
      same: true,
      id: sent.id,
      name: 'context',
      hostname: app.worker?.hostname,
      headers: { shop: 7 },
      deliveries: 1,
      queue: 'celery',
    });
    expect(problemsOf(events)).toEqual([]);
  });

  it('sends what tasks send to the embedded store of the parent, and hears what became of it', async () => {
    const { app, run } = await open({ pool, concurrency: 2, queues: ['celery', 'later'] });
    const { id, value, state } = (await run('chain', 41)) as { id: string; value: number; state: string };
    expect({ value, state }).toEqual({ value: 42, state: 'SUCCESS' });
    expect(await app.client.result(id).get()).toBe(42);
    const later = (await run('sendLater')) as string;
    const revoked = await app.stores.ledger?.revoked({ taskIds: [later], deadline: app.stores.deadline() });
    expect(revoked).toEqual(new Set([later]));
    const chain = await app.client.send('chain', { args: [1] });
    await chain.get({ timeout: generous });
    expect(await chain.children).toHaveLength(1);
  });

  it('runs as many at once as it has children, and as each may', async () => {
    const { run, app } = await open({ pool, concurrency: 2, concurrencyPerChild: 3 });
    const all = Promise.all(Array.from({ length: 12 }, async () => await run('wait', 5)));
    expect(await all).toEqual(Array.from({ length: 12 }, () => 'waited'));
    expect(app.worker?.activeCount).toBe(0);
  });

  it('ends a busy loop that is terminated, while others go on, and replaces its child', async () => {
    const { app, run, events } = await open({ pool, concurrency: 2 });
    const loop = await app.client.send('loop');
    const ended = loop.get({ timeout: generous }).catch((error: unknown) => error);
    // Both children are busy when the second of these waits, so the loop has begun.
    expect(await Promise.all([run('add', 1, 1), run('add', 2, 2)])).toEqual([2, 4]);
    await loop.revoke({ terminate: true });
    expect(await ended).toMatchObject({ code: 'LOVAGE_TASK_REVOKED' });
    expect(await Promise.all([run('add', 3, 3), run('add', 4, 4)])).toEqual([6, 8]);
    expect(problemsOf(events)).toEqual([]);
  });

  it('ends a busy loop at its hard time limit, while others go on', async () => {
    const { app, run, events } = await open({ pool, concurrency: 2 });
    const loop = await app.client.send('loop', { timeLimit: 0.5 });
    const ended = loop.get({ timeout: generous }).catch((error: unknown) => error);
    const others = Promise.all(Array.from({ length: 20 }, async () => await run('wait', 20)));
    expect(await ended).toMatchObject({ remoteCode: 'LOVAGE_TIME_LIMIT' });
    expect(await others).toHaveLength(20);
    expect(await Promise.all([run('add', 3, 3), run('add', 4, 4)])).toEqual([6, 8]);
    expect(problemsOf(events)).toEqual([]);
  });

  it('tells a task its soft time limit', async () => {
    const { app } = await open({ pool, concurrency: 1 });
    const sent = await app.client.send('aborted', { softTimeLimit: 0.2 });
    await expect(sent.get({ timeout: generous })).rejects.toMatchObject({
      remoteCode: 'LOVAGE_SOFT_TIME_LIMIT',
    });
  });

  it('survives a task that prints without end', async () => {
    const { app, run } = await open({ pool, concurrency: 1 });
    const flood = await app.client.send('flood', { timeLimit: 1 });
    await expect(flood.get({ timeout: generous })).rejects.toMatchObject({ remoteCode: 'LOVAGE_TIME_LIMIT' });
    expect(await run('add', 1, 2)).toBe(3);
  });

  it('survives a task that takes all memory', async () => {
    const before = process.env['NODE_OPTIONS'];
    // For processes; threads have the limit of their pool.
    process.env['NODE_OPTIONS'] = '--max-old-space-size=96';
    try {
      const { run, fails } = await open({
        pool,
        concurrency: 1,
        maxDeliveries: 1,
        maxMemoryPerChild: '60MB',
      });
      expect(await fails('memory')).toMatchObject({ remoteCode: 'LOVAGE_TASK_POISONOUS' });
      expect(await run('add', 1, 2)).toBe(3);
    } finally {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    }
  });

  it('delivers the message of a child that exits once more, and counts it', async () => {
    const { run, events } = await open({ pool, concurrency: 1 });
    expect(await run('exitOnce', 3)).toBe('survived');
    expect(problemsOf(events)).toMatchObject([
      { code: 'LOVAGE_WORKER_LOST', message: expect.stringContaining('it exited with code 3') },
    ]);
  });

  it('parks what kills its child again and again', async () => {
    const { run, fails } = await open({ pool, concurrency: 1, maxDeliveries: 2 });
    expect(await fails('exit', 9)).toMatchObject({ remoteCode: 'LOVAGE_TASK_POISONOUS' });
    expect(await run('add', 1, 2)).toBe(3);
  });

  it('survives an error that nobody catches in a child', async () => {
    const { run, fails } = await open({ pool, concurrency: 1, maxDeliveries: 1 });
    expect(await fails('throwLater')).toMatchObject({ remoteCode: 'LOVAGE_TASK_POISONOUS' });
    expect(await run('add', 1, 2)).toBe(3);
  });

  it('replaces a child after so many tasks', async () => {
    const { run } = await open({ pool, concurrency: 1, maxTasksPerChild: 2 });
    const places: string[] = [];
    for (let task = 0; task < 5; task += 1) places.push(JSON.stringify(await run('where')));
    expect(places[0]).toBe(places[1]);
    expect(places[1]).not.toBe(places[2]);
    expect(places[2]).toBe(places[3]);
    expect(new Set(places).size).toBe(3);
  });

  it('replaces a child that uses more memory than it may', async () => {
    const { run } = await open({ pool, concurrency: 1, maxMemoryPerChild: '1MB' });
    expect(await run('where')).not.toEqual(await run('where'));
  });

  it('cuts what still runs when it stops, hands it back, and leaves nothing', async () => {
    const { app, events } = await open({ pool, concurrency: 2 });
    const [loop] = [await app.client.send('loop'), await app.client.send('loop')];
    await waitUntil(() => app.worker?.activeCount === 2);
    await app.stop(Deadline.in(app.clock, 0));
    const drained = events.find((event) => event.type === 'worker-drained');
    expect(drained).toMatchObject({ report: { finished: 0, returned: 0 } });
    expect(drained?.report.abandoned).toContainEqual({ taskId: loop?.id, taskName: 'loop' });
    expect(problemsOf(events)).toEqual([]);
  });

  it('lets children close their application at a stop', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-left-'));
    const file = join(folder, 'left');
    try {
      const { app, run } = await open({ pool, concurrency: 1 }, { file });
      expect(await run('leave')).toBe(true);
      await app.close();
      expect(existsSync(file) && readFileSync(file, 'utf8')).toBe('left\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['broken', 'no database'],
    ['noApp', 'gives no TaskApp'],
    ['missing', 'is not there'],
    ['other', 'does not know the tasks aborted'],
  ])('does not start with an entry whose export is %s', async (name, text) => {
    await expect(
      open({ pool, concurrency: 2, entry: { module: programs.urlOf('pool-app'), export: name } }),
    ).rejects.toMatchObject({ code: 'LOVAGE_POOL_CHILD_UNFIT', message: expect.stringContaining(text) });
  });

  it('does not start with an entry that hangs', async () => {
    const entry = { module: programs.urlOf('pool-app'), export: 'hangs' };
    await expect(open({ pool, concurrency: 1, entry, bootTimeout: '1s' })).rejects.toMatchObject({
      code: 'LOVAGE_POOL_CHILD_UNFIT',
    });
  });

  it('says what is missing where no entry is given', async () => {
    await expect(makeApp({ options: { worker: { pool } } })).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
      message: expect.stringContaining('worker.entry'),
    });
  });
});

describe('a worker whose pool can make no child any more', () => {
  it('hands back what waits, takes nothing, and goes on when it can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-fragile-'));
    const file = join(folder, 'file');
    const broker = `memory://${folder.replaceAll(/\W/g, '')}`;
    const entry = { module: programs.urlOf('pool-app'), export: 'fragile', data: { file } };
    try {
      const parts = { childPrograms: programs.children };
      const worker = { pool: 'threads', concurrency: 1, entry } as const;
      const app = await makeApp({ options: { broker, worker } }, parts);
      apps.add(app);
      const events: LovageEvent[] = [];
      app.events.listen((event) => events.push(event));
      await app.start();
      writeFileSync(file, '');
      const dead = await app.client.send('exitOnce', { args: [1] });
      const waiting = await app.client.send('add', { args: [1, 1] });
      await waitUntil(() =>
        problemsOf(events).some((error) => isLovageError(error, 'LOVAGE_POOL_CHILD_UNFIT')),
      );
      await waitUntil(() => app.worker?.waitingCount === 0 && app.worker.activeCount === 0);
      // Another worker gets what was handed back.
      const helper = await makeApp({ options: { broker, worker: true } });
      apps.add(helper);
      await helper.start();
      expect(await waiting.get({ timeout: generous })).toBe(2);
      expect(await dead.get({ timeout: generous })).toBe('survived');
      await helper.close();
      rmSync(file);
      const again = await app.client.send('where');
      const { threadId } = (await again.get({ timeout: generous })) as { threadId: number };
      expect(threadId).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the pool solo', () => {
  it('runs one task at a time, here', async () => {
    const app = await makeApp({ options: { worker: { pool: 'solo' } } });
    apps.add(app);
    await app.start();
    const sent = await app.client.send<{ pid: number }>('where');
    expect(await sent.get({ timeout: generous })).toEqual({ pid: process.pid, threadId: expect.any(Number) });
    expect(app.settings.worker?.concurrency).toBe(1);
  });
});

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
