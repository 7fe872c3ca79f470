import { describeWith } from '@lovage/services';
import { FaultScene, pause, Recorder } from '../support/fault-scene.js';

/** An idle consumer asks far less often within this time; one that asks without a pause a hundred times more. */
const quietMs = 500;
const fewCalls = 20;
/** It looks by itself after ten seconds: what comes before that came because it was woken. */
const soonMs = 8000;

describeWith('redis-server', 'a consumer that waits', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  async function callsWhileQuiet(): Promise<number> {
    const before = scene.proxy.seen();
    await pause(quietMs);
    return scene.proxy.seen() - before;
  }

  it('asks nothing while a delayed message is not due', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await scene.publish(driver, ['late'], { notBefore: Date.now() + 3_600_000 });
    await scene.publish(driver, ['now']);
    await recorder.reach(1);
    expect(await callsWhileQuiet()).toBeLessThan(fewCalls);
    expect(recorder.ids).toStrictEqual(['now']);
  });

  it('asks seldom while the key of its queue holds something else, and names the key', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    await scene.redis.command('SET', 'q', 'of another program');
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await scene.until('a warning', () => scene.views.warnings.some((one) => /the key "q"/.test(one.message)));
    expect(await callsWhileQuiet()).toBeLessThan(fewCalls);
    await scene.redis.command('DEL', 'q');
    await scene.publish(driver, ['a']);
    await recorder.reach(1);
  });

  it.each(['normal', 'pubsub'] as const)(
    'hears of new messages after its %s connections were cut',
    async (type) => {
      const driver = await scene.driver(scene.proxyUrl());
      const other = await scene.driver(scene.redis.url);
      const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
      await pause(100);
      const before = await scene.connectionsOfOurs();
      await scene.redis.killClients(type);
      await scene.until(
        'all connections are back',
        async () => (await scene.connectionsOfOurs()) >= before - 1,
      );
      await pause(100);
      await scene.publish(other, ['a']);
      await recorder.reach(1, soonMs);
      await pause(100);
      await scene.publish(other, ['b']);
      await recorder.reach(2, soonMs);
      expect(recorder.ids).toStrictEqual(['a', 'b']);
    },
  );

  it('goes on when everything was deleted, its queues too', async () => {
    const driver = await scene.driver(scene.proxyUrl('lease=1s'));
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await scene.redis.command('FLUSHALL');
    await scene.until(
      'its queue is declared again',
      async () => (await scene.redis.command('SISMEMBER', 'lovage:queues', 'q')) === 1,
    );
    await scene.publish(driver, ['a']);
    await recorder.reach(1);
    expect(recorder.ids).toStrictEqual(['a']);
  });
});
