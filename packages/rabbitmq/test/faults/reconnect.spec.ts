import { describeWith, FaultProxy, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

const rounds = 20;
const perRound = 20;

describeWith('rabbitmq-server', 'lost connections', () => {
  const server = new RabbitServer();
  const scenes: FaultScene[] = [];
  beforeAll(async () => await server.start());
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  const open = async (url: string): Promise<FaultScene> => {
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    return scene;
  };

  it.each(['classic', 'quorum'] as const)(
    'lose nothing of a %s queue, however often they come',
    async (type) => {
      const { url, name } = await server.createVhost();
      const scene = await open(`${url}?queueType=${type}`);
      await scene.declare({ queues: [{ name: 'q' }] });
      await scene.drain(['q']);
      for (let round = 0; round < rounds; round += 1) {
        const sent = scene.publish(numbered('q', perRound, round * perRound));
        // Ours, then the server's own.
        if (round % 2 === 0) scene.driver.cut();
        else await server.closeConnections();
        expect((await sent).map(({ kind }) => kind)).toEqual(
          Array.from({ length: perRound }, () => 'accepted'),
        );
      }
      await scene.until('every message to come', () => scene.ids.size === rounds * perRound);
      expect(scene.problems).toEqual([]);
      await scene.until('the queue to be empty', async () => {
        const queue = (await server.queues(name)).find((one) => one.name === 'q');
        return queue?.messages === 0 && queue.consumers === 1;
      });
      // To publish, to consume, and to read what is known of deliveries.
      expect(await server.connections(name)).toBe(3);
    },
    120_000,
  );

  it('are told with what was in hand; it comes again, and its settlement is refused', async () => {
    const { url } = await server.createVhost();
    const scene = await open(url);
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 3));
    await scene.take(['q']);
    await scene.until('three to come', () => scene.deliveries.length === 3);
    const first = scene.deliveries.slice();
    scene.driver.cut();
    await scene.until('three to come again', () => scene.deliveries.length === 6);
    expect(new Set(scene.lost)).toEqual(new Set(first));
    expect((await scene.settle({ kind: 'ack' }, ...first)).map(({ kind }) => kind)).toEqual([
      'lost',
      'lost',
      'lost',
    ]);
    const again = scene.deliveries.slice(3);
    expect(again.map(({ deliveries, redelivered }) => [deliveries, redelivered])).toEqual(
      Array.from({ length: 3 }, () => [2, true]),
    );
  });

  it('refuse an acknowledgement of which the server has not heard, where a task begins after it that must not run twice', async () => {
    const { url } = await server.createVhost();
    const scene = await open(url);
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 1));
    await scene.take(['q']);
    await scene.until('it to come', () => scene.deliveries.length === 1);
    const settled = scene.settle({ kind: 'ack', certain: true }, ...scene.deliveries);
    // Before the acknowledgement leaves this process.
    scene.driver.cut();
    expect(await settled).toEqual([{ kind: 'lost' }]);
    await scene.until('it to come again', () => scene.deliveries.length === 2);
    expect(await scene.settle({ kind: 'ack', certain: true }, ...scene.deliveries.slice(1))).toEqual([
      { kind: 'settled' },
    ]);
  });

  it('mark what is published once more, since the broker may have it already: its result can be looked up', async () => {
    const { url, name } = await server.createVhost();
    await using proxy = new FaultProxy({ upstreamPort: Number(new URL(url).port) });
    await proxy.start();
    const scene = await open(proxy.urlOf(url));
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 1));
    // The server takes it; its confirmation is lost.
    proxy.impose({ flow: 'swallow' }, 'to-client');
    const sent = scene.publish(numbered('q', 1, 1));
    await scene.until('the server to have it', async () => {
      const queue = (await server.queues(name)).find((one) => one.name === 'q');
      return queue?.messages === 2;
    });
    await proxy.heal();
    expect(await sent).toEqual([{ kind: 'accepted' }]);
    await scene.publish(numbered('q', 1, 2));
    await scene.take(['q']);
    await scene.until('all to come', () => scene.deliveries.length === 4);
    expect(
      scene.deliveries.map(({ message, deliveries, redelivered }) => [
        message.headers['id'],
        deliveries,
        redelivered,
      ]),
    ).toEqual([
      ['0', 1, false],
      ['1', 1, false],
      ['1', 1, true],
      ['2', 1, false],
    ]);
  });

  it('count each delivery that a process died with, on classic and on quorum queues', async () => {
    const { url } = await server.createVhost();
    const setup = await open(url);
    await setup.declare({ queues: [{ name: 'c' }, { name: 'q', type: 'quorum' }] });
    await setup.publish([...numbered('c', 1), ...numbered('q', 1)]);
    const seen: (number | undefined)[] = [];
    for (const queue of ['c', 'q']) {
      for (let death = 1; death <= 4; death += 1) {
        const scene = await FaultScene.open(`${url}?queueType=${queue === 'q' ? 'quorum' : 'classic'}`);
        await scene.take([queue]);
        await scene.until('it to come', () => scene.deliveries.length === 1);
        // Put back now and then, which counts neither way.
        if (death === 2) {
          await scene.settle({ kind: 'release' }, ...scene.deliveries);
          await scene.until('it to come back', () => scene.deliveries.length === 2);
        }
        seen.push(...scene.deliveries.map(({ deliveries }) => deliveries));
        scene.driver.destroy();
      }
    }
    expect(seen).toEqual([1, 2, 2, 3, 4, 1, 2, 2, 3, 4]);
  });
});
