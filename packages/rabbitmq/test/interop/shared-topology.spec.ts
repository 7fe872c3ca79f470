import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { broadcast, type TaskApp } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

const queue = (exchange: string, type: string, key: string): object => ({
  exchange,
  exchange_type: type,
  routing_key: key,
});

describeWith(
  ['rabbitmq-server', 'celery'],
  'queues and exchanges of Python and of Lovage on RabbitMQ',
  () => {
    const stage = new PythonAndLovage();
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'lovage-shared-topology-'));
      await stage.start();
    });
    afterEach(async () => await stage.renew());
    afterAll(async () => {
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A file in which `interop.account` tells what ran, in order. */
    function account(name: string): { readonly path: string; readonly ran: () => readonly string[] } {
      const path = join(folder, name);
      writeFileSync(path, '');
      return {
        path,
        ran: () => [...readFileSync(path, 'utf8').matchAll(/^START (\S+)/gm)].map(([, id = '']) => id),
      };
    }

    it('order what Lovage sends to Python by priority: the highest is first', async () => {
      const app = await stage.lovage({ queues: [{ name: 'ranked', maxPriority: 10 }] });
      const { path, ran } = account('ranked');
      for (const priority of [0, 7, 3, 9, 5]) {
        await app.client.send('interop.account', {
          args: [path],
          queue: 'ranked',
          priority,
          taskId: `priority-${priority}`,
        });
      }
      // One message in hand at a time.
      const settings = { task_queue_max_priority: 10, worker_prefetch_multiplier: 1 };
      await stage.worker({ queues: ['ranked'], settings });
      await waitFor(() => ran().length === 5, { withinMs, what: 'all to run' });
      expect(ran()).toStrictEqual([9, 7, 5, 3, 0].map((priority) => `priority-${priority}`));
    });

    it('lead what Lovage sends to the queues that Python has bound: direct, topic and fanout', async () => {
      const ofPython = {
        errors: queue('logs', 'direct', 'error'),
        oneWord: queue('topics', 'topic', 'stock.*'),
        anyWords: queue('topics', 'topic', 'stock.#'),
        here: queue('news', 'fanout', ''),
        there: queue('news', 'fanout', ''),
      };
      const names = Object.keys(ofPython);
      const client = await stage.client({ settings: { task_queues: ofPython } });
      // The first message for a queue declares it.
      for (const name of names) await client.send({ name: 'interop.add', options: { queue: name } });
      const app = await stage.lovage({});
      const sent = async (exchange: string, routingKey: string): Promise<boolean> =>
        await app.client.send('interop.add', { exchange, routingKey }).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'LOVAGE_UNROUTABLE' });
            return false;
          },
        );
      const untilThere = async (expected: Readonly<Record<string, number>>): Promise<void> => {
        const there = async (): Promise<boolean> => {
          const found = (await stage.rabbit.queues(stage.vhost)).filter(({ name }) => names.includes(name));
          return isDeepStrictEqual(
            Object.fromEntries(found.map(({ name, ready }) => [name, ready])),
            expected,
          );
        };
        await waitFor(there, { withinMs, what: `these to be there: ${JSON.stringify(expected)}` });
      };
      // What Python sends to a queue goes through the exchange, with the pattern as its key.
      await untilThere({ errors: 1, oneWord: 2, anyWords: 1, here: 2, there: 1 });
      expect(await sent('logs', 'error')).toBe(true);
      expect(await sent('logs', 'other')).toBe(false);
      expect(await sent('topics', 'stock.tea')).toBe(true);
      expect(await sent('topics', 'stock.tea.green')).toBe(true);
      expect(await sent('topics', 'tea')).toBe(false);
      expect(await sent('news', 'whatever')).toBe(true);
      await untilThere({ errors: 2, oneWord: 3, anyWords: 3, here: 3, there: 2 });
    });

    it('make one broadcast: each worker of both gets what either sends', async () => {
      const heard: string[] = [];
      const options = { queues: ['celery', broadcast('files')], worker: { queues: ['files'] } };
      const { path, ran } = account('broadcast');
      const hear = (name: string) => ({
        'interop.account': (_args: readonly unknown[], { id }: { readonly id: string }) =>
          heard.push(`${name} ${id}`),
      });
      const lovage = async (name: string): Promise<TaskApp> => await stage.lovage(options, hear(name));
      const [app, client] = await Promise.all([
        lovage('a'),
        stage.client(),
        lovage('b'),
        stage.worker({ broadcasts: ['files'], hostname: 'one@test' }),
        stage.worker({ broadcasts: ['files'], hostname: 'two@test' }),
      ]);
      const call = { name: 'interop.account', args: [path] };
      await app.client.send(call.name, { args: call.args, queue: 'files', taskId: 'lovage' });
      // Without a routing key Celery sends to its default queue, whatever the exchange.
      await client.send({ ...call, options: { exchange: 'files', routingKey: 'any', taskId: 'python' } });
      await waitFor(() => heard.length >= 4 && ran().length >= 4, { withinMs, what: 'four to have both' });
      expect(heard.toSorted()).toStrictEqual(['a lovage', 'a python', 'b lovage', 'b python']);
      expect(ran().toSorted()).toStrictEqual(['lovage', 'lovage', 'python', 'python']);
    });

    it('share the work of one queue: each task is run once, by one of them', async () => {
      const here: string[] = [];
      const { path, ran } = account('shared');
      const options = { queues: ['shared'], defaultQueue: 'shared', results: 'rpc://' };
      const [caller, client] = await Promise.all([
        stage.lovage(options),
        stage.client(),
        stage.worker({ queues: ['shared'], settings: { worker_prefetch_multiplier: 1 } }),
        stage.lovage(
          { ...options, worker: { queues: ['shared'], concurrency: 1, prefetch: 1 } },
          {
            'interop.account': async (_args, { id }) => {
              here.push(id);
              // Time for the other one to take something too.
              await new Promise((resolve) => {
                setImmediate(resolve);
              });
            },
          },
        ),
      ]);
      const sent: string[] = [];
      await waitFor(
        async () => {
          const ids = await Promise.all(
            Array.from({ length: 10 }, async (_, index) => {
              if (index % 2 === 0) {
                const result = await caller.client.send('interop.account', { args: [path] });
                await result.get();
                return result.id;
              }
              const taskId = `python-${sent.length + index}`;
              await client.call({
                name: 'interop.account',
                args: [path],
                options: { queue: 'shared', taskId },
              });
              return taskId;
            }),
          );
          sent.push(...ids);
          return sent.length >= 40 && here.length > 0 && ran().length > 0;
        },
        { withinMs, what: 'both to have run some' },
      );
      expect([...here, ...ran()].toSorted()).toStrictEqual(sent.toSorted());
      const shared = (await stage.rabbit.queues(stage.vhost)).find(({ name }) => name === 'shared');
      expect(shared?.ready).toBe(0);
    });
  },
);
