import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppOptions, TaskApp } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

const prefix = 'app:';

describeWith(
  ['redis-server', 'celery'],
  'workers of Python and of Lovage on one queue, behind a prefix',
  () => {
    const stage = new PythonAndLovage();
    const settings = {
      broker_transport_options: { global_keyprefix: prefix },
      worker_prefetch_multiplier: 1,
    };
    /** Ids of the tasks that ran, in this process and in Python's. */
    const ranHere: string[] = [];

    /** Results of this Celery have no prefix. */
    const options = (parameters = ''): AppOptions => ({
      broker: stage.url(`keyPrefix=${prefix}${parameters}`),
      results: stage.url(),
      queues: ['shared'],
      defaultQueue: 'shared',
    });
    const worker = { queues: ['shared'], concurrency: 1, prefetch: 1 };
    const here = {
      'interop.account': async (_args: unknown, task: { readonly id: string }) => {
        ranHere.push(task.id);
        await new Promise<void>((resolve) => {
          // Time for the other one to take something too.
          setImmediate(resolve);
        });
      },
    };
    let caller: TaskApp;

    let folder: string;
    const ranThere = (): readonly string[] =>
      [...readFileSync(join(folder, 'account'), 'utf8').matchAll(/^START (\S+)/gm)].map(([, id = '']) => id);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'lovage-one-queue-'));
      writeFileSync(join(folder, 'account'), '');
      await stage.start();
      caller = await stage.lovage(options());
    });

    afterAll(async () => {
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('share the work: each task is run once, by one of them', async () => {
      const [client] = await Promise.all([
        stage.client({ settings }),
        stage.worker({
          settings,
          queues: ['shared'],
          hostname: 'python@test',
          pool: 'threads',
          concurrency: 4,
        }),
        stage.lovage({ ...options(), worker: { ...worker, hostname: 'lovage@test' } }, here),
      ]);
      const args = [join(folder, 'account')];
      const sent: string[] = [];
      const some = Array.from({ length: 10 });
      await waitFor(
        async () => {
          const ids = await Promise.all([
            ...some.map(
              async () => await client.send({ name: 'interop.account', args, options: { queue: 'shared' } }),
            ),
            ...some.map(async () => (await caller.client.send('interop.account', { args })).id),
          ]);
          for (const id of ids) {
            await caller.client.result(id).get();
            await expect(client.get(id)).resolves.toMatchObject({ status: 'SUCCESS' });
          }
          sent.push(...ids);
          return sent.length >= 60 && ranHere.length > 0 && ranThere().length > 0;
        },
        { withinMs, what: 'both to have run some' },
      );
      const inOrder = (ids: readonly string[]): readonly string[] =>
        ids.toSorted((one, other) => one.localeCompare(other));
      expect(inOrder([...ranHere, ...ranThere()])).toStrictEqual(inOrder(sent));
      await waitFor(async () => (await stage.redis.command('EXISTS', `${prefix}unacked`)) === 0, {
        withinMs,
        what: 'nobody to have anything in hand',
      });
      expect(await stage.redis.command('LLEN', `${prefix}shared`)).toBe(0);
    });

    it('write nothing without the prefix but results', async () => {
      const keys = ((await stage.redis.command('KEYS', '*')) as readonly string[]).filter(
        (key) =>
          !key.startsWith(prefix) && !key.startsWith('celery-task-meta-') && !key.startsWith('lovage:'),
      );
      expect(keys).toStrictEqual([]);
      expect(await stage.redis.command('SMEMBERS', `${prefix}_kombu.binding.shared`)).toContain(
        'shared\u0006\u0016\u0006\u0016shared',
      );
    });
  },
);

describeWith(['redis-server', 'celery'], 'a queue whose messages are given to Python at once', () => {
  const stage = new PythonAndLovage();

  beforeAll(async () => await stage.start());
  afterAll(async () => await stage.close());

  it('waits in the index too where a Lovage worker has taken the message, and is not taken again and again', async () => {
    const app = await stage.lovage(
      { broker: stage.url('pythonQueues=shared'), queues: ['shared'], worker: { queues: ['shared'] } },
      { 'interop.when': () => Date.now() },
    );
    const eta = new Date(Date.now() + 1000);
    const soon = await app.client.send<number>('interop.when', { queue: 'shared', eta });
    const far = await app.client.send('interop.when', { queue: 'shared', countdown: '1h' });
    await waitFor(async () => (await stage.messages('shared', 'delayed')).length === 2, {
      withinMs,
      what: 'both to wait',
    });
    expect(await soon.get()).toBeGreaterThanOrEqual(eta.getTime());
    expect(
      (await stage.messages('shared', 'delayed')).map(({ message }) => message.headers['id']),
    ).toStrictEqual([far.id]);
  });
});
