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
});
