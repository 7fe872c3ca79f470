import type { TaskApp } from '@lovage/core';
import { type CeleryClient, describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(120_000);

const queue = (exchange: string, type: string, key: string): object => ({
  exchange,
  exchange_type: type,
  routing_key: key,
});

/** Queues that Python declares, Celery's setting `task_queues`. */
const ofPython = {
  errors: queue('logs', 'direct', 'error'),
  warnings: queue('logs', 'direct', 'warning'),
  oneWord: queue('topics', 'topic', 'stock.*'),
  anyWords: queue('topics', 'topic', 'stock.#'),
  middle: queue('topics', 'topic', '*.tea.#'),
};
/** So that Python knows of which type Lovage's exchange is. */
const beside = { 'beside-ours': queue('ours', 'topic', 'nothing.like.it') };

describeWith(['redis-server', 'celery'], 'exchanges of Python and of Lovage', () => {
  const stage = new PythonAndLovage();
  let client: CeleryClient;

  beforeAll(async () => {
    await stage.start();
    client = await stage.client({ settings: { task_queues: { ...ofPython, ...beside } } });
    // The first message for a queue declares it.
    for (const name of Object.keys({ ...ofPython, ...beside })) {
      await client.send({ name: 'interop.add', options: { queue: name } });
    }
    for (const name of Object.keys({ ...ofPython, ...beside })) await stage.redis.command('DEL', name);
  });

  afterAll(async () => await stage.close());

  /** Which queue got which messages. */
  async function delivered(queues: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
    const entries = await Promise.all(
      queues.map(async (name) => {
        const list = (await stage.redis.command('LRANGE', name, 0, -1)) as readonly string[];
        await stage.redis.command('DEL', name);
        const ids = list.map((text) => (JSON.parse(text) as { headers: { id: string } }).headers.id);
        return [name, ids.toSorted((one, other) => one.localeCompare(other))] as const;
      }),
    );
    return Object.fromEntries(entries);
  }

  /** Lovage sends one; `false`: nobody is bound. */
  async function sent(app: TaskApp, exchange: string, routingKey: string): Promise<boolean> {
    return await app.client.send('interop.add', { exchange, routingKey, taskId: routingKey }).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'LOVAGE_UNROUTABLE' });
        return false;
      },
    );
  }

  it('lead messages of both to the same queues, as Python has declared: direct', async () => {
    const app = await stage.lovage({});
    const queues = ['errors', 'warnings'];
    for (const routingKey of ['error', 'warning', 'other']) {
      await client.send({
        name: 'interop.add',
        options: { exchange: 'logs', routingKey, taskId: routingKey },
      });
      expect(await sent(app, 'logs', routingKey)).toBe(routingKey !== 'other');
    }
    expect(await delivered(queues)).toStrictEqual({
      errors: ['error', 'error'],
      warnings: ['warning', 'warning'],
    });
  });

  it('lead messages of both to the same queues, as Python has declared: topic, with its own meaning of * and #', async () => {
    const app = await stage.lovage({});
    const queues = ['oneWord', 'anyWords', 'middle'];
    const keys = [
      'stock',
      'stock.tea',
      'stock.tea.green',
      'stock.',
      'x.tea',
      'x.tea.y',
      'x.y.tea.z',
      'stockX.tea',
    ];
    for (const routingKey of keys) {
      await client.send({
        name: 'interop.add',
        options: { queue: 'oneWord', routingKey, taskId: routingKey },
      });
    }
    const byPython = await delivered(queues);
    for (const routingKey of keys) await sent(app, 'topics', routingKey);
    expect(await delivered(queues)).toStrictEqual(byPython);
    expect(byPython).toMatchObject({ oneWord: expect.arrayContaining(['stock.tea', 'stock.tea.green']) });
  });

  it('lead messages of both to the same queues, as Lovage has declared: topic', async () => {
    const queues = ['ours-one', 'ours-any'];
    const app = await stage.lovage({
      exchanges: [{ name: 'ours', type: 'topic' }],
      queues,
      bindings: [
        { exchange: 'ours', queue: 'ours-one', routingKey: 'stock.*' },
        { exchange: 'ours', queue: 'ours-any', routingKey: 'stock.#' },
      ],
    });
    const keys = ['stock', 'stock.tea', 'stock.tea.green', 'stockX', 'x.stock.tea'];
    for (const routingKey of keys) {
      await client.send({
        name: 'interop.add',
        options: { queue: 'beside-ours', routingKey, taskId: routingKey },
      });
    }
    const byPython = await delivered(queues);
    for (const routingKey of keys) await sent(app, 'ours', routingKey);
    expect(await delivered(queues)).toStrictEqual(byPython);
    expect(byPython).toStrictEqual({
      'ours-one': ['stock.tea'],
      'ours-any': ['stock', 'stock.tea', 'stock.tea.green'],
    });
  });

  it('lead messages of both to the same queues, as Lovage has declared: direct', async () => {
    const queues = ['letters', 'letters-too'];
    const app = await stage.lovage({
      exchanges: [{ name: 'post', type: 'direct' }],
      queues,
      bindings: queues.map((name) => ({ exchange: 'post', queue: name, routingKey: 'letter' })),
    });
    await client.send({
      name: 'interop.add',
      options: { exchange: 'post', routingKey: 'letter', taskId: 'python' },
    });
    await client.send({
      name: 'interop.add',
      options: { exchange: 'post', routingKey: 'parcel', taskId: 'python' },
    });
    expect(await sent(app, 'post', 'letter')).toBe(true);
    expect(await sent(app, 'post', 'parcel')).toBe(false);
    expect(await delivered(queues)).toStrictEqual({
      letters: ['letter', 'python'],
      'letters-too': ['letter', 'python'],
    });
  });
});

describeWith(['redis-server', 'celery'], 'a fanout exchange of Python and Lovage', () => {
  const stage = new PythonAndLovage();

  beforeAll(async () => await stage.start());
  afterAll(async () => await stage.close());

  it('gives each message to each queue once, whoever sends it and however many listen', async () => {
    const settings = {
      task_queues: { 'news-python': queue('news', 'fanout', 'all') },
      task_default_queue: 'news-python',
    };
    const heard: string[] = [];
    const tasks = {
      'interop.echo': (_args: unknown, task: { readonly id: string; readonly queue: string }) =>
        heard.push(`${task.queue} ${task.id}`),
    };
    const ours = ['news-one', 'news-two'];
    const topology = {
      exchanges: [{ name: 'news', type: 'fanout' as const }],
      queues: ours,
      bindings: ours.map((name) => ({ exchange: 'news', queue: name, routingKey: '' })),
    };
    const [client, worker, app] = await Promise.all([
      stage.client({ settings }),
      stage.worker({ settings, queues: ['news-python'] }),
      stage.lovage({ ...topology, worker: { queues: ours, hostname: 'a@test' } }, tasks),
      stage.lovage({ ...topology, worker: { queues: ['news-one'], hostname: 'b@test' } }, tasks),
    ]);
    const ids: string[] = [];
    for (let number = 0; number < 10; number += 1) {
      const taskId = `python-${number}`;
      ids.push(
        await client.send({
          name: 'interop.echo',
          options: { queue: 'news-python', taskId, priority: number },
        }),
      );
      const own = `lovage-${number}`;
      await app.client.send('interop.echo', { exchange: 'news', routingKey: 'all', taskId: own });
      ids.push(own);
    }
    await waitFor(() => heard.length >= 40, { withinMs, what: 'both of our queues to have them' });
    for (const id of ids) {
      await worker.waitForLog(new RegExp(`Task interop.echo\\[${id}\\] succeeded`), { withinMs });
    }
    const expected = ids.flatMap((id) => ours.map((name) => `${name} ${id}`));
    const inOrder = (lines: readonly string[]): readonly string[] =>
      lines.toSorted((one, other) => one.localeCompare(other));
    expect(inOrder(heard)).toStrictEqual(inOrder(expected));
    // Nobody would read it.
    expect(await stage.redis.command('EXISTS', 'news-python')).toBe(0);
  });
});
