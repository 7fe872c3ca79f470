import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'a server that waits no longer for an acknowledgement', () => {
  const server = new RabbitServer({ consumerTimeoutMs: 2000 });
  let scene: FaultScene;
  beforeAll(async () => await server.start());
  afterEach(async () => await scene.close());
  afterAll(async () => await server.close());

  it.each(['classic', 'quorum'] as const)(
    'is told with what to do about it, and consumption goes on (%s)',
    async (type) => {
      const { url } = await server.createVhost();
      scene = await FaultScene.open(`${url}?queueType=${type}`);
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
});
