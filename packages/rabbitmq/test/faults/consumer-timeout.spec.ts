import { TaskApp } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'a server that waits no longer for an acknowledgement', () => {
  const server = new RabbitServer({ consumerTimeoutMs: 2000 });
  const scenes: FaultScene[] = [];
  beforeAll(async () => await server.start());
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  it.each(['classic', 'quorum'] as const)(
    'is told with what to do about it, and consumption goes on (%s)',
    async (type) => {
      const { url } = await server.createVhost();
      const scene = await FaultScene.open(`${url}?queueType=${type}`);
      scenes.push(scene);
      await scene.declare({ queues: [{ name: 'q' }] });
      await scene.publish(numbered('q', 1));
      await scene.take(['q'], { prefetch: 5 });
      await scene.until('it to come', () => scene.deliveries.length === 1);
      await scene.until('it to come again', () => scene.deliveries.length === 2);
      expect(scene.lost).toEqual([scene.deliveries[0]]);
      const told = scene.warnings.find(({ message }) => message.includes('consumer_timeout'));
      expect(told?.message).toMatch(/timed out[\s\S]*consumerTimeout/);
      const again = scene.deliveries[1];
      if (again === undefined) throw new Error('it came again');
      expect(again.redelivered).toBe(true);
      expect(await scene.settle({ kind: 'ack' }, again)).toEqual([{ kind: 'settled' }]);
    },
    120_000,
  );

  it('is told at the start of a worker, where tasks may take longer by their limits', async () => {
    const { url } = await server.createVhost();
    const app = await TaskApp.create({ broker: `${url}?consumerTimeout=2s`, worker: true });
    const warnings: string[] = [];
    app.events.listen((event) => {
      if (event.type === 'store-warning') warnings.push(event.error.message);
    });
    app.registry.add({ name: 'report', run: () => 1, options: { timeLimit: '5s' }, source: 'test' });
    await app.start();
    await app.close();
    expect(warnings).toEqual([expect.stringMatching(/not acknowledged for 2 s[\s\S]*report \(5 s\)/)]);
  });
});

describeWith('rabbitmq-server', 'a delivery in hand for longer than the server waits', () => {
  // It waits for longer than the URL says, so that a busy machine is in time.
  const timeoutMs = 12_000;
  const server = new RabbitServer({ consumerTimeoutMs: timeoutMs });
  const scenes: FaultScene[] = [];
  let vhost: string;
  let url: string;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    ({ name: vhost, url } = await server.createVhost());
  });
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  const open = async (type = 'classic'): Promise<FaultScene> => {
    const scene = await FaultScene.open(`${url}?queueType=${type}&consumerTimeout=4s`);
    scenes.push(scene);
    return scene;
  };
  const deposits = async (): Promise<readonly string[]> =>
    (await server.queues(vhost)).map(({ name }) => name).filter((name) => name.startsWith('lovage.deposit.'));
  /** Takes one message, until the server no longer waits for its acknowledgement. */
  const takeForLong = async (
    scene: FaultScene,
    { prefetch = 5, headers = {} }: { readonly prefetch?: number; readonly headers?: object } = {},
  ): Promise<void> => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(
      numbered('q', 1).map(({ message, ...rest }) => ({
        ...rest,
        message: { ...message, headers: { ...message.headers, ...headers } },
      })),
    );
    await scene.take(['q'], { prefetch });
    await scene.until('a deposit', async () => {
      const queue = (await server.queues(vhost)).find(({ name }) => name === 'q');
      return (await deposits()).length === 1 && scene.deliveries.length === 1 && queue?.messages === 0;
    });
  };

  it.each(['classic', 'quorum'])(
    'does not come again, and is settled (%s)',
    async (type) => {
      const scene = await open(type);
      await takeForLong(scene);
      const from = scene.clock.monoNow();
      await scene.until('the server to lose its patience', () => scene.clock.monoNow() - from > timeoutMs);
      expect(scene.deliveries).toHaveLength(1);
      expect(scene.lost).toEqual([]);
      expect(await scene.settle({ kind: 'ack' }, ...scene.deliveries)).toEqual([{ kind: 'settled' }]);
      expect(await deposits()).toEqual([]);
      expect(scene.warnings).toEqual([]);
    },
    120_000,
  );

  it('goes back, and counts, when its process dies', async () => {
    const dying = await open();
    await takeForLong(dying);
    dying.driver.destroy();
    const scene = await open();
    await scene.take(['q']);
    await scene.until('it to come again', () => scene.deliveries.length === 1);
    expect(scene.deliveries[0]).toMatchObject({ deliveries: 2, redelivered: true });
    expect(await scene.settle({ kind: 'ack' }, ...scene.deliveries)).toEqual([{ kind: 'settled' }]);
  }, 120_000);

  it.each([
    ['still waits', 2],
    ['has begun', 3],
  ])(
    'goes back, and counts as it would without, when it is a suspect that %s',
    async (state, deliveries) => {
      const first = await open();
      await first.declare({ queues: [{ name: 'q' }] });
      await first.publish(numbered('q', 1));
      await first.take(['q']);
      await first.until('it to come', () => first.deliveries.length === 1);
      first.driver.destroy();
      const dying = await open();
      await dying.take(['q'], { suspectFrom: 2 });
      await dying.until('a deposit', async () => {
        const queue = (await server.queues(vhost)).find(({ name }) => name === 'q');
        return (await deposits()).length === 1 && dying.deliveries.length === 1 && queue?.messages === 0;
      });
      if (state === 'has begun')
        await dying.broker.begin({ deliveries: dying.deliveries, deadline: dying.deadline() });
      dying.driver.destroy();
      const scene = await open();
      await scene.take(['q'], { suspectFrom: 2 });
      await scene.until('it to come again', () => scene.deliveries.length > 0);
      expect(scene.deliveries.map((one) => [one.deliveries, one.redelivered])).toEqual([[deliveries, true]]);
    },
    120_000,
  );

  it('takes its place in the prefetch with it, until it is settled', async () => {
    const scene = await open();
    await takeForLong(scene, { prefetch: 1 });
    await scene.publish(numbered('q', 1, 1));
    await scene.until('the queue to be nobody’s', async () => {
      const queue = (await server.queues(vhost)).find(({ name }) => name === 'q');
      return queue?.ready === 1 && queue.consumers === 0;
    });
    expect(scene.deliveries).toHaveLength(1);
    await scene.settle({ kind: 'ack' }, ...scene.deliveries);
    await scene.until('the next to come', () => scene.deliveries.length === 2);
  }, 120_000);

  it('is not sent once more to the queues that a header names', async () => {
    const scene = await open();
    await scene.declare({ queues: [{ name: 'other' }] });
    await takeForLong(scene, { headers: { CC: ['other'] } });
    expect((await server.queues(vhost)).find(({ name }) => name === 'other')?.messages).toBe(1);
  }, 120_000);

  it('is given back as one that does not count', async () => {
    const scene = await open();
    await takeForLong(scene);
    expect(await scene.settle({ kind: 'release' }, ...scene.deliveries)).toEqual([{ kind: 'settled' }]);
    await scene.until('it to come again', () => scene.deliveries.length === 2);
    expect(scene.deliveries[1]).toMatchObject({ deliveries: 1, redelivered: true });
    expect(await deposits()).toEqual([]);
  }, 120_000);

  it('is told as lost when it has gone back', async () => {
    const scene = await open();
    await takeForLong(scene);
    const [deposit = ''] = await deposits();
    await scene.broker.purge({ queue: deposit, deadline: scene.deadline() });
    await scene.until('it to be lost', () => scene.lost.length === 1);
    expect(await scene.settle({ kind: 'ack' }, ...scene.deliveries)).toEqual([{ kind: 'lost' }]);
  }, 120_000);

  it('comes again after an outage that was longer than a deposit is kept', async () => {
    const scene = await open('quorum');
    await takeForLong(scene);
    await server.stop();
    const from = scene.clock.monoNow();
    await scene.until('it to be over', () => scene.clock.monoNow() - from > 5000);
    await server.start();
    await scene.until('it to come again', () => scene.deliveries.length === 2);
    await scene.until('it to be lost', () => scene.lost.length === 1);
    expect(await scene.settle({ kind: 'ack' }, ...scene.deliveries)).toEqual([
      { kind: 'lost' },
      { kind: 'settled' },
    ]);
  }, 180_000);
});
