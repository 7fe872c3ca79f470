import { chain, isLovageError, type TaskApp, type TaskSnapshot } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, type TestTask, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

describeWith('rabbitmq-server', 'results by rpc', () => {
  const stage = new PythonAndLovage();
  const gates = new Map<string, () => void>();

  const tasks: Record<string, TestTask> = {
    add: ([x, y]) => Number(x) + Number(y),
    fail: ([message]) => {
      throw new RangeError(String(message));
    },
    progress: async (_args, task) => {
      await task.updateState('PROGRESS', { done: 1 });
      await new Promise<void>((resolve) => {
        gates.set(task.id, resolve);
      });
      return 'done';
    },
  };

  beforeAll(async () => {
    await stage.start();
  });

  afterEach(async () => {
    await stage.renew();
  });

  afterAll(async () => await stage.close());

  const worker = async (): Promise<TaskApp> => await stage.lovage({ worker: true }, tasks);
  const caller = async (): Promise<TaskApp> => await stage.lovage({ results: 'rpc://' });

  it('come to whoever has sent the task: values, errors, states on the way', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const sum = await app.client.send<number>('add', { args: [2, 3] });
    await expect(sum.get()).resolves.toBe(5);
    await expect(sum.state()).resolves.toBe('SUCCESS');
    const failed = await app.client.send('fail', { args: ['too far'] });
    await expect(failed.get()).rejects.toMatchObject({ message: 'too far' });
    const slow = await app.client.send('progress');
    const seen: TaskSnapshot[] = [];
    const told = (async () => {
      for await (const snapshot of slow.changes()) seen.push(snapshot);
    })();
    await waitFor(() => seen.some(({ state }) => state === 'PROGRESS'), { withinMs, what: 'progress' });
    await waitFor(() => gates.has(slow.id), { withinMs, what: 'the task to wait' });
    gates.get(slow.id)?.();
    await told;
    expect(seen.at(-1)).toMatchObject({ state: 'SUCCESS', result: 'done' });
  });

  it('come to nobody else, and an id that was never sent is like one that was', async () => {
    const [app, other] = await Promise.all([caller(), caller(), worker()]);
    const sum = await app.client.send<number>('add', { args: [2, 3] });
    await expect(sum.get()).resolves.toBe(5);
    await expect(other.client.result(sum.id).state()).resolves.toBe('PENDING');
    await expect(app.client.result('never sent').state()).resolves.toBe('PENDING');
    await sum.forget();
    await expect(sum.state()).resolves.toBe('PENDING');
  });

  it('of what follows come to whoever began: the next steps of a chain', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const add = app.client.caller<[number, number], number>('add');
    const result = await chain(add.s(1, 2), add.s(10)).delay();
    await expect(result.get()).resolves.toBe(13);
  });

  it('come a thousand at a time', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const results = await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => await app.client.send<number>('add', { args: [n, 1] })),
    );
    const values = await Promise.all(results.map(async (result) => await result.get()));
    expect(values).toStrictEqual(Array.from({ length: 1000 }, (_, n) => n + 1));
  });

  it('are not lost when connections are cut, and when the server is restarted', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const slow = await app.client.send('progress');
    await waitFor(() => gates.has(slow.id), { withinMs, what: 'the task to run' });
    await stage.rabbit.closeConnections();
    await waitFor(
      async () =>
        (await stage.rabbit.queues(stage.vhost)).some(
          ({ name, consumers }) => name === 'celery' && consumers > 0,
        ),
      {
        withinMs,
        what: 'the worker to consume again',
      },
    );
    gates.get(slow.id)?.();
    // The cut took the message back; it runs once more, and waits at its gate again.
    const opened = setInterval(() => gates.get(slow.id)?.(), 20);
    await expect(slow.get({ timeout: '60s' })).resolves.toBe('done');
    const again = await app.client.send('add', { args: [1, 2] });
    await expect(again.get()).resolves.toBe(3);
    await stage.rabbit.stop();
    await stage.rabbit.start();
    await expect((await app.client.send('add', { args: [3, 4] })).get({ timeout: '60s' })).resolves.toBe(7);
    clearInterval(opened);
  });

  it('are all that belongs into a queue of replies: what else comes is dropped, and told', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const replies = (await stage.rabbit.queues(stage.vhost)).find(({ name }) =>
      name.startsWith('lovage.reply.'),
    );
    const message = {
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      headers: {},
      properties: {},
      body: 'hello',
    };
    const publications = [{ message, exchange: '', routingKey: replies?.name ?? '' }];
    await app.stores.broker.publish({ publications, deadline: app.stores.deadline() });
    await waitFor(
      () =>
        stage.events.some(
          (event) =>
            event.type === 'store-warning' &&
            isLovageError(event.error, 'LOVAGE_STORE_WARNING') &&
            event.error.message.includes('is no result, and was dropped. Only workers should send there'),
        ),
      { withinMs, what: 'it to be told' },
    );
    const sum = await app.client.send<number>('add', { args: [2, 3] });
    await expect(sum.get()).resolves.toBe(5);
  });

  it('leave no queue behind', async () => {
    const app = await caller();
    const before = (await stage.rabbit.queues(stage.vhost)).map(({ name }) => name);
    expect(before).toContain(app.stores.results?.replyTo);
    await app.close();
    const after = (await stage.rabbit.queues(stage.vhost)).map(({ name }) => name);
    expect(after).not.toContain(app.stores.results?.replyTo);
  });

  it('can not be had with another broker, and say so', async () => {
    await expect(stage.lovage({ broker: 'memory://', results: 'rpc://' })).rejects.toMatchObject({
      code: 'LOVAGE_CAPABILITY_MISSING',
      message: expect.stringContaining('amqp://'),
    });
  });

  it('have no chords, and say so', async () => {
    const app = await caller();
    const { results } = app.stores;
    const deadline = app.stores.deadline();
    const chord = { groupId: 'g', size: 1, parts: [], ttlMs: 1000 } as never;
    await expect(results?.openChord({ chord, deadline })).rejects.toMatchObject({
      code: 'LOVAGE_CAPABILITY_MISSING',
      message: expect.stringContaining('redis://'),
    });
    expect(results?.capabilities).toStrictEqual({ push: true, durable: false, shared: false });
  });

  it('tell whoever waits for the end of a chain that a step of it has found no queue', async () => {
    const [app] = await Promise.all([caller(), worker()]);
    const { client } = app;
    const nowhere = { exchange: 'nowhere', routingKey: 'x' };
    for (const steps of [
      chain(client.signature('add', { args: [1, 2] }), client.signature('add', { args: [3], ...nowhere })),
      chain(
        client.signature('add', { args: [1, 2] }),
        client.signature('add', { args: [3], ...nowhere }),
        client.signature('add', { args: [4] }),
      ),
    ]) {
      const last = await client.apply(steps);
      await expect(last.get()).rejects.toThrow(/no queue is bound to exchange "nowhere"/);
    }
  });
});
