import type { InspectedMessage, Inspector, MessagePlace, QueueInfo } from '@lovage/core';
import { CeleryClient, CeleryWorker, describeWith, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

// Python starts slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(120_000);
const withinMs = 60_000;

describeWith(['redis-server', 'celery'], 'queues of Python under inspection', () => {
  const redis = new RedisServer();
  const views = new RedisViews();
  let inspector: Inspector;
  let client: CeleryClient;
  let worker: CeleryWorker;

  beforeAll(async () => {
    await redis.start();
    inspector = (await views.open(redis.url)).inspector as Inspector;
    client = new CeleryClient({ broker: redis.url });
    worker = new CeleryWorker({ broker: redis.url, queues: ['celery', 'mail'] });
    await Promise.all([client.start(), worker.start()]);
  });

  afterAll(async () => {
    views.close();
    await Promise.all([client.stop(), worker.kill()]);
    await redis.close();
  });

  const queues = async (): Promise<readonly QueueInfo[]> =>
    await inspector.queues({ deadline: views.deadline() });
  const shown = async (queue: string, place: MessagePlace): Promise<readonly InspectedMessage[]> =>
    (await inspector.messages({ queue, place, limit: 100, deadline: views.deadline() })).messages;

  it('shows what its worker has in hand, what waits, and none of its control queues', async () => {
    expect((await queues()).map(({ name }) => name)).toStrictEqual(['celery', 'mail']);
    // Python's worker takes what has an eta at once, and keeps it until its time.
    const later = await client.send({ name: 'interop.add', args: [1, 2], options: { countdown: 3600 } });
    const mail = await client.send({
      name: 'interop.add',
      args: [3, 4],
      options: { countdown: 3600, queue: 'mail' },
    });
    await waitFor(async () => (await queues()).every(({ unsettled }) => unsettled === 1), {
      withinMs,
      what: 'the worker has both',
    });
    worker.pause();
    // The BRPOP that it has sent takes one more, which is nowhere to be seen until Python has recorded it.
    await client.send({ name: 'interop.add', args: [0, 0] });
    const waiting = await client.send({ name: 'interop.add', args: [5, 6], options: { priority: 9 } });
    await waitFor(async () => (await queues())[0]?.ready === 1, { withinMs, what: 'the third waits' });
    const found = [
      await shown('celery', 'unsettled'),
      await shown('mail', 'unsettled'),
      await shown('celery', 'ready'),
    ];
    expect(found.map((messages) => messages.map(({ message }) => message.headers['id']))).toStrictEqual([
      [later],
      [mail],
      [waiting],
    ]);
    expect(found[0]?.[0]).toMatchObject({
      place: 'unsettled',
      deliveries: 1,
      message: { contentType: 'application/json', headers: { task: 'interop.add' } },
    });
    expect(String(found[2]?.[0]?.message.body)).toContain('[5, 6]');
  });
});
