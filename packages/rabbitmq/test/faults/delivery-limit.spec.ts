import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'a quorum queue with a delivery limit', () => {
  const server = new RabbitServer();
  const scenes: FaultScene[] = [];
  let url: string;
  let vhost: string;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    ({ url, name: vhost } = await server.createVhost());
  });
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  const open = async (): Promise<FaultScene> => {
    const scene = await FaultScene.open(`${url}?queueType=quorum`);
    scenes.push(scene);
    return scene;
  };

  it('keeps what reaches the limit among the parked messages', async () => {
    const scene = await open();
    await scene.declare({ queues: [{ name: 'q', deliveryLimit: 2 }] });
    await scene.publish(numbered('q', 1));
    for (let death = 0; death < 3; death += 1) {
      const dying = await FaultScene.open(`${url}?queueType=quorum`);
      await dying.take(['q']);
      await dying.until('it to come', () => dying.deliveries.length === 1);
      dying.driver.destroy();
    }
    const parked = async (): Promise<number | undefined> =>
      (await server.queues(vhost)).find(({ name }) => name === 'q.parked')?.ready;
    await scene.until('it to be parked', async () => (await parked()) === 1);
    expect(await parked()).toBe(1);
  });

  it('has the limit of the URL where it has none of its own', async () => {
    const scene = await FaultScene.open(`${url}?queueType=quorum&deliveryLimit=1`);
    scenes.push(scene);
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 1));
    for (let death = 0; death < 2; death += 1) {
      const dying = await FaultScene.open(`${url}?queueType=quorum&deliveryLimit=1`);
      await dying.take(['q']);
      await dying.until('it to come', () => dying.deliveries.length === 1);
      dying.driver.destroy();
    }
    const parked = async (): Promise<number | undefined> =>
      (await server.queues(vhost)).find(({ name }) => name === 'q.parked')?.ready;
    await scene.until('it to be parked', async () => (await parked()) !== 0);
    expect(await parked()).toBe(1);
  });

  it('loses none of those that consumers die with again and again, nor while their parked queue is away', async () => {
    // A message that finds no queue is tried again after this time; three minutes usually.
    await server.evaluate('application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000).');
    const scene = await open();
    const limit = 20;
    const prefetch = 10;
    await scene.declare({ queues: [{ name: 'q', deliveryLimit: limit }] });
    await scene.publish(numbered('q', prefetch));
    await server.deleteQueue(vhost, 'q.parked');
    for (let death = 0; death <= limit; death += 1) {
      const dying = await FaultScene.open(`${url}?queueType=quorum`);
      await dying.take(['q'], { prefetch });
      await dying.until('all to come', () => dying.deliveries.length === prefetch);
      dying.driver.destroy();
    }
    const ready = async (): Promise<number | undefined> =>
      (await server.queues(vhost)).find(({ name }) => name === 'q')?.ready;
    await scene.until('none to be left for a consumer', async () => (await ready()) === 0);
    await scene.declare({ queues: [{ name: 'q', deliveryLimit: limit }] });
    await scene.take(['q.parked'], { prefetch: 2 * prefetch });
    await scene.until('all to be parked', () => scene.ids.size === prefetch);
    expect(scene.deliveries).toHaveLength(prefetch);
  });

  it.each([
    ['of its own', '', { deliveryLimit: 10 }],
    ['of its own, which is small', '', { deliveryLimit: 3 }],
    ['of the URL, which is small', '&deliveryLimit=3', {}],
  ])('is not reached by messages that are put back again and again: %s', async (_whose, parameter, own) => {
    const scene = await FaultScene.open(`${url}?queueType=quorum${parameter}`);
    scenes.push(scene);
    await scene.declare({ queues: [{ name: 'q', ...own }] });
    await scene.publish(numbered('q', 3));
    let released = 0;
    await scene.take(['q'], {
      onDelivery: (delivery) => {
        released += 1;
        if (released <= 60) void scene.settle({ kind: 'release' }, delivery);
      },
    });
    await scene.until('each to be put back many times', () => scene.deliveries.length >= 63);
    expect(new Set(scene.deliveries.map(({ deliveries }) => deliveries))).toEqual(new Set([1]));
    expect((await server.queues(vhost)).find(({ name }) => name === 'q.parked')?.messages).toBe(0);
  });

  it.each(['ready', 'parked'] as const)(
    'parks and loses nothing by looking at it, however often: %s',
    async (place) => {
      const scene = await open();
      const { inspector } = scene.driver;
      if (inspector === undefined) throw new Error('it has an inspector');
      await inspector.open({ deadline: scene.deadline() });
      const limit = 5;
      // As RabbitMQ 4 has it for all quorum queues, those of parked messages too.
      await scene.declare({ queues: [{ name: 'q', deliveryLimit: limit }] });
      await scene.publish(numbered('q', 3));
      if (place === 'parked') {
        await scene.take(['q']);
        await scene.until('all to come', () => scene.deliveries.length === 3);
        await scene.settle({ kind: 'park', reason: { code: 'X', text: 'why' } }, ...scene.deliveries);
      }
      for (let look = 0; look < 3 * limit; look += 1) {
        const { messages } = await inspector.messages({
          queue: 'q',
          place,
          limit: 2,
          deadline: scene.deadline(),
        });
        expect(messages.map(({ reason }) => reason?.text)).toEqual(
          place === 'parked' ? ['why', 'why'] : [undefined, undefined],
        );
      }
      const [row] = await inspector.queues({ deadline: scene.deadline() });
      expect(row).toMatchObject({ name: 'q', ready: 0, parked: 0, [place]: 3 });
      await inspector.close({ deadline: scene.deadline() });
    },
  );

  it('counts no look as a delivery, though what was looked at is a copy in the end', async () => {
    const scene = await open();
    const { inspector } = scene.driver;
    if (inspector === undefined) throw new Error('it has an inspector');
    await inspector.open({ deadline: scene.deadline() });
    await scene.declare({ queues: [{ name: 'q', deliveryLimit: 5 }] });
    await scene.publish(numbered('q', 3));
    for (let look = 0; look < 15; look += 1)
      await inspector.messages({ queue: 'q', place: 'ready', limit: 2, deadline: scene.deadline() });
    await inspector.close({ deadline: scene.deadline() });
    await scene.take(['q']);
    await scene.until('each to come', () => scene.deliveries.length === 3);
    expect(scene.deliveries.map(({ deliveries, redelivered }) => [deliveries, redelivered])).toEqual(
      Array.from({ length: 3 }, () => [1, false]),
    );
  });
});
