import { connect } from 'amqplib';
import type { WallMs } from '@lovage/core';
import { describeWith, RabbitServer, type RabbitVhost } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'what others have declared in another way', () => {
  const server = new RabbitServer();
  const scenes: FaultScene[] = [];
  let vhost: RabbitVhost;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    vhost = await server.createVhost();
  });
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  const open = async (parameters = ''): Promise<FaultScene> => {
    const scene = await FaultScene.open(`${vhost.url}${parameters}`);
    scenes.push(scene);
    return scene;
  };

  it.each([
    ['classic', 'quorum'],
    ['quorum', 'classic'],
  ] as const)(
    'is a way for delayed messages all the same: %s, then %s',
    async (first, second) => {
      for (const type of [first, second]) {
        const scene = await open(`?delayQueueType=${type}`);
        await scene.declare({ queues: [{ name: 'q' }] });
        const [publication] = numbered('q', 1);
        if (publication === undefined) throw new Error('there is one');
        const notBefore = (scene.clock.wallNow() + 100) as WallMs;
        expect(await scene.publish([{ ...publication, notBefore }])).toEqual([{ kind: 'accepted' }]);
      }
      const scene = await open();
      await scene.take(['q']);
      await scene.until('both to come', () => scene.deliveries.length === 2);
    },
    60_000,
  );

  it('takes what is parked: a queue for it is never the wrong one', async () => {
    const others = await connect(vhost.url);
    try {
      const channel = await others.createChannel();
      await channel.assertQueue('q.parked', { arguments: { 'x-max-length': 1000 } });
      const scene = await open();
      await scene.declare({ queues: [{ name: 'q' }] });
      await scene.publish(numbered('q', 1));
      await scene.take(['q']);
      await scene.until('it to come', () => scene.deliveries.length === 1);
      const reason = { code: 'X', text: 'x' };
      expect(await scene.settle({ kind: 'park', reason }, ...scene.deliveries)).toEqual([
        { kind: 'settled' },
      ]);
      expect((await channel.checkQueue('q.parked')).messageCount).toBe(1);
      // Declared for a queue with a delivery limit.
      await channel.assertQueue('limited.parked', { arguments: { 'x-max-length': 1000 } });
      await scene.declare({ queues: [{ name: 'limited', type: 'quorum', deliveryLimit: 20 }] });
    } finally {
      await others.close();
    }
  });

  it('is not said of a queue that can not be: the arguments are told', async () => {
    const scene = await open();
    for (const queue of [
      { name: 'a', type: 'quorum' as const, maxPriority: 5 },
      { name: 'b', type: 'quorum' as const, autoDelete: true },
      { name: 'c', type: 'classic' as const, deliveryLimit: 5 },
    ]) {
      const declaring = scene.declare({ queues: [queue] });
      await expect(declaring).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
      await expect(declaring).rejects.toThrow(/There is no such queue: one of type quorum is durable/);
    }
  });
});

describeWith('rabbitmq-server', 'a virtual host that has all that it may have', () => {
  const server = new RabbitServer();
  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());

  const limited = async (what: string, to: number): Promise<RabbitVhost> => {
    const vhost = await server.createVhost();
    await server.evaluate(
      `rabbit_vhost_limit:set(<<"${vhost.name}">>, [{<<"${what}">>, ${to}}], <<"x">>), ok.`,
    );
    return vhost;
  };

  it('is told as that: of queues, of connections', async () => {
    const scene = await FaultScene.open((await limited('max-queues', 1)).url);
    const declaring = scene.declare({ queues: [{ name: 'a' }, { name: 'b' }] });
    await expect(declaring).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
    await expect(declaring).rejects.toThrow(/set_vhost_limits/);
    await scene.close();
    const opening = FaultScene.open((await limited('max-connections', 0)).url);
    await expect(opening).rejects.toThrow(/as many connections as it may have/);
  });
});

describeWith('rabbitmq-server', 'an exclusive queue', () => {
  const server = new RabbitServer();
  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());

  it('is used by its process as any other, though another of its connections asks', async () => {
    const scene = await FaultScene.open((await server.createVhost()).url);
    const { inspector } = scene.driver;
    try {
      await inspector?.open({ deadline: scene.deadline() });
      await scene.declare({ queues: [{ name: 'own', exclusive: true }, { name: 'q' }] });
      const [now, later] = numbered('own', 2);
      if (now === undefined || later === undefined) throw new Error('there are two');
      expect(
        await scene.publish([now, { ...later, notBefore: (scene.clock.wallNow() + 50) as WallMs }]),
      ).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);
      await scene.until('both to be counted', async () => {
        const rows = await inspector?.queues({ deadline: scene.deadline() });
        return rows?.find(({ name }) => name === 'own')?.ready === 2;
      });
      const page = await inspector?.messages({
        queue: 'own',
        place: 'ready',
        limit: 10,
        deadline: scene.deadline(),
      });
      expect(page?.messages).toHaveLength(2);
      await scene.take(['own']);
      await scene.until('both to come', () => scene.deliveries.length === 2);
      expect(await scene.settle({ kind: 'requeue', delayMs: 50 }, ...scene.deliveries)).toEqual([
        { kind: 'settled' },
        { kind: 'settled' },
      ]);
      await scene.until('both to come back', () => scene.deliveries.length === 4);
      await scene.publish(numbered('own', 3));
      await scene.settle({ kind: 'ack' }, ...scene.deliveries.slice(2));
    } finally {
      await inspector?.close({ deadline: scene.deadline() });
      await scene.close();
    }
  });
});
