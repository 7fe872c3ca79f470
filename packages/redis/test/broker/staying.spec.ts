import { describeWith } from '@lovage/services';
import { claimScript } from '../../src/scripts/claim.js';
import { settleScript } from '../../src/scripts/settle.js';
import { idOf, publicationOf } from '../support/fault-messages.js';
import { FaultScene, type OpenDriver, Recorder, type RecorderOptions } from '../support/fault-scene.js';

const ack = { kind: 'ack' } as const;

describeWith('redis-server', 'what follows a settlement', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  /** Each step `n` is followed by step `n + 1`, up to the last one. */
  async function chain(
    driver: OpenDriver,
    last: number,
    options: RecorderOptions = {},
  ): Promise<{ readonly recorder: Recorder; readonly claims: () => number }> {
    let recorder: Recorder | undefined;
    let at = 0;
    let claims = 0;
    scene.proxy.onRequest(({ args }) => {
      if (args[0] === claimScript.sha) claims += 1;
    });
    recorder = await Recorder.open(scene, driver, {
      ...options,
      onDeliveries: () => {
        for (const delivery of recorder?.deliveries.slice(at) ?? []) {
          at += 1;
          const step = Number(idOf(delivery));
          const publishes = step < last ? [publicationOf(String(step + 1))] : [];
          void recorder?.settle(ack, [delivery], { publishes });
        }
      },
    });
    await scene.publish(driver, ['0']);
    return { recorder, claims: () => claims };
  }

  /** A consumer that has `a` in hand and knows that nothing else is there. */
  async function withOneInHand(
    driver: OpenDriver,
    options: RecorderOptions = {},
  ): Promise<{ readonly recorder: Recorder; readonly follow: (id: string) => Promise<unknown> }> {
    await scene.publish(driver, ['a']);
    const recorder = await Recorder.open(scene, driver, options);
    await recorder.reach(1);
    await scene.until('it waits', async () => (await trackedKeys()) > 0);
    const [first] = recorder.deliveries;
    if (first === undefined) throw new Error('no delivery');
    const follow = async (id: string): Promise<unknown> =>
      await recorder.settle(ack, [first], { publishes: [publicationOf(id)] });
    return { recorder, follow };
  }

  const trackedKeys = async (): Promise<number> =>
    Number(/tracking_total_keys:(\d+)/.exec(String(await scene.redis.command('INFO', 'stats')))?.[1]);

  it('stays with the consumer: one call for each step of a chain', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const { recorder, claims } = await chain(driver, 50);
    await recorder.reach(51);
    await scene.until('all is settled', async () => await scene.settledAll());
    expect(recorder.ids).toStrictEqual(Array.from({ length: 51 }, (_, step) => String(step)));
    expect(new Set(recorder.deliveries.map(({ deliveries }) => deliveries))).toStrictEqual(new Set([1]));
    expect(claims()).toBeLessThan(10);
  });

  it('lets pass what waits in another queue, although there is one place only', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const other = await scene.driver(scene.redis.url);
    await other.broker.declare({
      topology: { queues: [{ name: 'other' }] },
      deadline: scene.views.deadline(),
    });
    const { recorder } = await chain(driver, Number.POSITIVE_INFINITY, {
      prefetch: 1,
      queues: ['q', 'other'],
    });
    await recorder.reach(20);
    const publications = [publicationOf('1000000', undefined, 'other')];
    await other.broker.publish({ publications, deadline: scene.views.deadline() });
    await scene.until('it passes', () => recorder.ids.includes('1000000'));
    expect(recorder.failures).toStrictEqual([]);
  });

  it('comes behind what waits in the same queue', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    await scene.publish(driver, ['a']);
    const recorder = await Recorder.open(scene, driver, { prefetch: 1 });
    await recorder.reach(1);
    await scene.publish(await scene.driver(scene.redis.url), ['b']);
    await recorder.settle(ack, recorder.deliveries, { publishes: [publicationOf('c')] });
    await recorder.reach(2);
    await recorder.settle(ack, recorder.deliveries.slice(1));
    await recorder.reach(3);
    expect(recorder.ids).toStrictEqual(['a', 'b', 'c']);
  });

  it('goes to others when the consumer is paused', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const { recorder, follow } = await withOneInHand(driver);
    await recorder.consumer.pause();
    await follow('b');
    const other = await Recorder.open(scene, await scene.driver(scene.redis.url), { verb: ack });
    await other.reach(1);
    expect(recorder.ids).toStrictEqual(['a']);
    expect(other.ids).toStrictEqual(['b']);
  });

  it('is delivered before a pause has ended, or not at all', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const { recorder, follow } = await withOneInHand(driver);
    const following = follow('b');
    await recorder.consumer.pause();
    expect(recorder.ids).toStrictEqual(['a', 'b']);
    await following;
  });

  it('is delivered to another when its consumer dies', async () => {
    const driver = await scene.driver(scene.proxyUrl('lease=1s'));
    const { recorder, follow } = await withOneInHand(driver);
    await follow('b');
    await recorder.reach(2);
    driver.destroy();
    const other = await Recorder.open(scene, await scene.driver(scene.urlOf('lease=1s')), { verb: ack });
    await other.reach(1);
    expect(other.deliveries).toMatchObject([{ deliveries: 2, redelivered: true }]);
    await scene.until('all is settled', async () => await scene.settledAll());
  });

  it('goes back to its queue with a consumer that is closed', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const { recorder, follow } = await withOneInHand(driver);
    await follow('b');
    await recorder.reach(2);
    await recorder.consumer.close({ deadline: scene.views.deadline() });
    expect(await scene.redis.command('LLEN', 'q')).toBe(1);
    expect(await scene.redis.command('HLEN', 'unacked')).toBe(0);
  });

  it.each(['loseRequest', 'loseReply'] as const)(
    'is there once, although nobody heard of the settlement (%s)',
    async (how) => {
      const driver = await scene.driver(scene.proxyUrl('lease=60s'));
      const { recorder, follow } = await withOneInHand(driver);
      scene.proxy[how]({ matching: ({ args }) => args[0] === settleScript.sha });
      await follow('b');
      await recorder.reach(2);
      expect(recorder.ids).toStrictEqual(['a', 'b']);
      expect(recorder.outcomes).toStrictEqual([{ kind: 'settled', published: [{ kind: 'accepted' }] }]);
      await recorder.settle(ack, recorder.deliveries.slice(1));
      expect(await scene.settledAll()).toBe(true);
    },
  );

  it.each(['loseRequest', 'loseReply'] as const)(
    'is there once, although the settlement was given up (%s)',
    async (how) => {
      const driver = await scene.driver(scene.proxyUrl('lease=60s'));
      const { recorder } = await withOneInHand(driver);
      scene.proxy[how]({ matching: ({ args }) => args[0] === settleScript.sha, outcome: 'hang' });
      const publishes = [publicationOf('b')];
      await recorder.settle(ack, recorder.deliveries.slice(0, 1), { publishes, deadlineMs: 200 });
      expect(recorder.failures).toMatchObject([{ code: 'LOVAGE_STORE_UNREACHABLE' }]);
      await scene.until('it comes', () => recorder.ids.includes('b'));
      expect(recorder.ids.filter((id) => id === 'b')).toStrictEqual(['b']);
    },
  );

  it('tells whether tasks are revoked', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const { recorder, follow } = await withOneInHand(driver);
    expect(recorder.deliveries[0]?.revoked).toBe(false);
    await driver.ledger.revoke({
      revocations: [{ taskId: 'b', terminate: false }],
      ttlMs: 60_000,
      deadline: scene.views.deadline(),
    });
    await follow('b');
    await recorder.reach(2);
    expect(recorder.deliveries[1]?.revoked).toBeUndefined();
  });
});
