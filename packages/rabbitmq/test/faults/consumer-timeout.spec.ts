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
