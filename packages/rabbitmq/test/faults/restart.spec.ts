import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'a restart of the server', () => {
  const server = new RabbitServer();
  const scenes: FaultScene[] = [];
  beforeAll(async () => await server.start());
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  it.each(['stop', 'kill'] as const)(
    'after %s loses nothing that was accepted, and consumption goes on',
    async (how) => {
      const { url, name: vhost } = await server.createVhost();
      const scene = await FaultScene.open(url);
      scenes.push(scene);
      await scene.declare({
        queues: [{ name: 'c' }, { name: 'q', type: 'quorum' }, { name: 'passing', durable: false }],
      });
      const later = scene.clock.wallNow() + 1000;
      await scene.publish([
        ...numbered('c', 50),
        ...numbered('q', 50, 50),
        ...numbered('c', 1, 100).map((one) => ({ ...one, notBefore: later as never })),
      ]);
      // A quorum queue is in the books of the server for good only some time after its declaration.
      await server.evaluate('[dets:sync(Table) || Table <- dets:all()], ok.');
      await server[how]();
      await server.start();
      const sent = await scene.publish([...numbered('c', 10, 101), ...numbered('q', 10, 111)]);
      expect(new Set(sent.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
      await scene.drain(['c']);
      await scene.drain(['q']);
      // A server that was killed while it moved a message from one level of the delay to the next waits three minutes before it
      // tries again (dead_letter_worker_publisher_confirm_timeout).
      const delayed = async (): Promise<boolean> =>
        scene.ids.has('100') ||
        (await server.queues(vhost)).some(({ name, messages }) => /delayed|due/.test(name) && messages === 1);
      await scene.until('all to come', async () => {
        const [came, hasDelayed] = [scene.ids, await delayed()];
        return came.size === (came.has('100') ? 121 : 120) && hasDelayed;
      });
      expect(scene.problems).toEqual([]);
    },
    180_000,
  );

  it('is told, and that it is over, where it takes its time', async () => {
    const { url } = await server.createVhost();
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    await server.stop();
    const told = (): readonly string[] => scene.warnings.map(({ message }) => message);
    await scene.until('it to be told', () => told().some((text) => text.includes('it can not be reached')));
    await server.start();
    await scene.until('its end to be told', () =>
      told().some((text) => text.includes('it can be reached again')),
    );
    expect(scene.problems).toEqual([]);
  });

  it('goes on for those who consume while it happens, also with queues that do not outlive it', async () => {
    const { url } = await server.createVhost();
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    await scene.declare({
      exchanges: [{ name: 'news', type: 'fanout' }],
      queues: [{ name: 'c' }, { name: 'passing', durable: false, autoDelete: true }],
      bindings: [{ queue: 'passing', exchange: 'news', routingKey: '' }],
    });
    await scene.drain(['c', 'passing']);
    await server.kill();
    await server.start();
    await scene.publish(numbered('c', 5));
    await scene.until('what was sent to the queue to come', () => scene.ids.size === 5);
    await scene.publish(numbered('x', 1, 5).map((one) => ({ ...one, exchange: 'news' })));
    await scene.until('what was sent to the exchange to come', () => scene.ids.size === 6);
    expect(scene.problems).toEqual([]);
  }, 180_000);

  it('after which everything counts as redelivered makes no queue for each message', async () => {
    const { url, name: vhost } = await server.createVhost();
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 500));
    const before = (await server.queues(vhost)).map(({ name }) => name);
    await server.kill();
    await server.start();
    await scene.drain(['q'], 50);
    await scene.until('all to come', () => scene.ids.size === 500);
    // What is not known to have been delivered is taken to have been.
    expect(new Set(scene.deliveries.map(({ deliveries }) => deliveries))).toEqual(new Set([2]));
    const after = (await server.queues(vhost)).map(({ name }) => name);
    expect(after).toEqual([...before, 'lovage.deliveries'].toSorted());
    expect(scene.problems).toEqual([]);
  }, 180_000);

  it('forgets no delivery that a process died with', async () => {
    const { url } = await server.createVhost();
    const first = await FaultScene.open(url);
    await first.declare({ queues: [{ name: 'q' }] });
    await first.publish(numbered('q', 1));
    const deaths = [first, await FaultScene.open(url), await FaultScene.open(url)];
    const counted: number[] = [];
    for (const [index, dying] of deaths.entries()) {
      await dying.take(['q']);
      await dying.until('it to come', () => dying.deliveries.length === 1);
      counted.push(...dying.deliveries.map(({ deliveries }) => deliveries));
      dying.driver.destroy();
      if (index !== 1) continue;
      await server.kill();
      await server.start();
    }
    expect(counted).toEqual([1, 2, 3]);
  }, 180_000);
});
