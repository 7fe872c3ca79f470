import { describeWith } from '@lovage/services';
import { publicationOf } from '../support/fault-messages.js';
import { FaultScene, pause, Recorder } from '../support/fault-scene.js';

const full = { code: 'LOVAGE_STORE_REFUSED', message: expect.stringContaining('raise maxmemory') as string };

describeWith('redis-server', 'a server without memory', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => {
    await scene.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await scene.clear();
  });
  afterAll(async () => await scene.close());

  async function fill(): Promise<void> {
    await scene.redis.command('CONFIG', 'SET', 'maxmemory', '1');
  }

  it('ends what is in hand, keeps leases and takes nothing new; nothing is lost, nothing comes twice', async () => {
    const driver = await scene.driver(scene.urlOf('lease=1s'));
    const other = await scene.driver(scene.urlOf('lease=1s'));
    const ids = Array.from({ length: 500 }, (_, n) => `task-${n}`);
    await scene.publish(driver, ids);
    const recorder = await Recorder.open(scene, driver, { prefetch: 300 });
    await recorder.reach(300);
    await fill();
    // For longer than the leases that were there before.
    await pause(2500);
    await expect(scene.publish(other, ['refused'])).rejects.toMatchObject(full);
    await expect(
      other.broker.publish({
        publications: [publicationOf('later', Date.now() + 1000)],
        deadline: scene.views.deadline(),
      }),
    ).rejects.toMatchObject(full);
    const [acked, released, requeued, parked] = [0, 1, 2, 3].map((n) =>
      recorder.deliveries.slice(n * 50, n * 50 + 50),
    );
    const kinds = async (verb: Parameters<Recorder['settle']>[0], some = recorder.deliveries) =>
      new Set((await recorder.settle(verb, some)).map(({ kind }) => kind));
    const settled = new Set(['settled']);
    expect(await kinds({ kind: 'ack' }, acked)).toStrictEqual(settled);
    expect(await kinds({ kind: 'release' }, released)).toStrictEqual(settled);
    expect(await kinds({ kind: 'requeue', delayMs: 50 }, requeued)).toStrictEqual(settled);
    expect(
      await kinds({ kind: 'park', reason: { code: 'LOVAGE_TASK_UNKNOWN', text: 'x' } }, parked),
    ).toStrictEqual(settled);
    // A consumer that begins only now takes over what one that ends gives back.
    const second = await Recorder.open(scene, other, { prefetch: 1000, verb: { kind: 'ack' } });
    await recorder.consumer.close({ deadline: scene.views.deadline() });
    await scene.until('all are settled', async () => await scene.settledAll());
    expect(recorder.lost).toStrictEqual([]);
    await scene.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    await scene.publish(other, ['taken']);
    await scene.until('it is delivered', () => second.ids.includes('taken'));
    const done = [...(acked ?? []), ...(parked ?? [])].map(({ message }) => String(message.headers['id']));
    const all = [...done, ...second.ids];
    expect(all.toSorted()).toStrictEqual([...ids, 'taken'].toSorted());
    expect(await scene.redis.command('ZCARD', 'lovage:parked:q')).toBe(50);
  });

  it('lets what dead processes had come back', async () => {
    const driver = await scene.driver(scene.urlOf('lease=1s'));
    await scene.publish(driver, ['a', 'b']);
    const dead = await scene.driver(scene.urlOf('lease=1s'));
    const recorder = await Recorder.open(scene, dead);
    await recorder.reach(2);
    await fill();
    dead.destroy();
    const survivor = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await survivor.reach(2);
    await scene.until('all are settled', async () => await scene.settledAll());
    expect(survivor.deliveries.map(({ deliveries }) => deliveries)).toStrictEqual([2, 2]);
  });
});
