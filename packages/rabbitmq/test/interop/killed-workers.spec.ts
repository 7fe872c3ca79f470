import { randomUUID } from 'node:crypto';
import { Deadline, type Delivery, SystemClock } from '@lovage/core';
import { describeWith, waitFor } from '@lovage/services';
import { createDriver } from '../../src/index.js';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

describeWith(['rabbitmq-server', 'celery'], 'the work of a killed worker on RabbitMQ', () => {
  const stage = new PythonAndLovage();
  const clock = new SystemClock();
  const deadline = (): Deadline => Deadline.in(clock, withinMs);

  beforeAll(async () => await stage.start());
  afterEach(async () => await stage.renew());
  afterAll(async () => await stage.close());

  async function unacknowledged(count: number): Promise<void> {
    await waitFor(
      async () =>
        (await stage.rabbit.queues(stage.vhost)).some(
          (queue) => queue.name === 'q' && queue.unacknowledged === count,
        ),
      { withinMs, what: `${count} in hand` },
    );
  }

  it('is done by Lovage, when it was one of Python', async () => {
    const app = await stage.lovage({ queues: ['q'], defaultQueue: 'q' });
    const settings = { worker_prefetch_multiplier: 4 };
    const worker = await stage.worker({ queues: ['q'], pool: 'threads', settings });
    const sent = await Promise.all(
      ['one', 'two', 'three'].map(
        async (taskId) => await app.client.send('interop.slow_late', { args: [600], taskId }),
      ),
    );
    await unacknowledged(3);
    await worker.kill();
    const seen: unknown[] = [];
    await stage.lovage(
      { queues: ['q'], worker: { queues: ['q'] } },
      {
        'interop.slow_late': (_args, { id, redelivered }) => {
          seen.push({ id, redelivered });
          return 'here';
        },
      },
    );
    for (const result of sent) await expect(result.get()).resolves.toBe('here');
    expect(seen).toHaveLength(3);
    expect(seen).toContainEqual({ id: 'one', redelivered: true });
  });

  it('is done by Python, when it was one of Lovage', async () => {
    const app = await stage.lovage({ queues: ['q'], defaultQueue: 'q' });
    const dying = createDriver(new URL(stage.url()), { clock, newId: randomUUID });
    await dying.broker?.open({ deadline: deadline() });
    const taken: Delivery[] = [];
    await dying.broker?.declare({ topology: { queues: [{ name: 'q' }] }, deadline: deadline() });
    await dying.broker?.consume({
      consumerId: randomUUID(),
      queues: ['q'],
      prefetch: 5,
      onDeliveries: (deliveries) => taken.push(...deliveries),
      onLost: () => undefined,
      deadline: deadline(),
    });
    const sent = await Promise.all(
      [1, 2, 3].map(async (n) => await app.client.send<number>('interop.add', { args: [n, n] })),
    );
    await waitFor(() => taken.length === 3, { withinMs, what: 'Lovage to have them all' });
    await stage.worker({ queues: ['q'] });
    dying.destroy();
    const values = await Promise.all(sent.map(async (result) => await result.get()));
    expect(values).toStrictEqual([2, 4, 6]);
  });

  it('comes back when Python stops in order, and Lovage lets the broker hold it', async () => {
    const client = await stage.client();
    const worker = await stage.worker({ queues: ['q'] });
    const options = { queue: 'q', taskId: 'later', countdown: 86_400 };
    await client.send({ name: 'interop.add', args: [1, 1], options });
    await unacknowledged(1);
    await worker.stop();
    await stage.lovage({ queues: ['q'], worker: { queues: ['q'] } }, { 'interop.add': () => 'too early' });
    await waitFor(
      async () =>
        (await stage.rabbit.queues(stage.vhost)).some(
          ({ name, messages }) => name.startsWith('celery_delayed_') && messages === 1,
        ),
      { withinMs, what: "it to wait in Celery's queues for delays" },
    );
    const q = (await stage.rabbit.queues(stage.vhost)).find(({ name }) => name === 'q');
    expect(q).toMatchObject({ messages: 0 });
  });
});
