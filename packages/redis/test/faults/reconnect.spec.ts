import { isDeepStrictEqual } from 'node:util';
import { describeWith } from '@lovage/services';
import { publicationOf, resultOf } from '../support/fault-messages.js';
import { FaultScene, pause, Recorder } from '../support/fault-scene.js';

const rounds = 20;

/** Ways in which all connections end. */
const cuts = ['reset', 'kill all', 'kill normal', 'kill pubsub', 'restart', 'crash', 'freeze'] as const;
type Cut = (typeof cuts)[number];

describeWith('redis-server', 'after connections were lost', () => {
  const scene = new FaultScene({ appendOnly: true, config: { appendfsync: 'always' } });
  const resumeTimes: string[] = [];

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => {
    await scene.close();
    process.stdout.write(`${resumeTimes.join('\n')}\n`);
  });

  /** Does it, and resolves when the server can be reached again. */
  async function cut(kind: Cut): Promise<void> {
    const { redis, proxy } = scene;
    switch (kind) {
      case 'reset':
        proxy.cutAll();
        break;
      case 'kill all':
        await redis.killClients();
        break;
      case 'kill normal':
        await redis.killClients('normal');
        break;
      case 'kill pubsub':
        await redis.killClients('pubsub');
        break;
      case 'restart':
        await redis.stop();
        await redis.start();
        break;
      case 'crash':
        await redis.kill();
        await redis.start();
        break;
      case 'freeze':
        redis.pause();
        await pause(3000);
        redis.resume();
        break;
    }
  }

  it(`goes on consuming, ${rounds} times, and tells results`, async () => {
    const worker = await scene.driver(scene.proxyUrl('lease=10s'));
    const caller = await scene.driver(scene.proxyUrl('lease=10s'));
    const { results } = caller;
    const recorder = await Recorder.open(scene, worker, { verb: { kind: 'ack' } });
    const told: string[] = [];
    const watch = results.watch({ listener: ({ taskId, state }) => void told.push(`${taskId} ${state}`) });
    const connections = ['consume', 'lease', 'store', 'store', 'wake'].map((role) => `lovage-${role}`);
    const names = async (): Promise<readonly string[]> =>
      (await scene.redis.clients()).map(({ name }) => name).toSorted();
    await scene.until('all connections', async () => (await names()).length === connections.length);
    const sent: string[] = [];
    const times = new Map<Cut, number[]>();
    for (let round = 0; round < rounds; round += 1) {
      const kind = cuts[round % cuts.length] ?? 'reset';
      const ids = [`before-${round}`, `meanwhile-${round}`, `after-${round}`];
      await watch.add({ taskIds: ids, deadline: scene.views.deadline() });
      // At a random phase of this.
      const under = scene.publish(caller, ids.slice(0, 1));
      await pause(Math.random() * 20);
      const cutting = cut(kind);
      const meanwhile = scene.publish(caller, ids.slice(1, 2));
      await cutting;
      const from = performance.now();
      await Promise.all([under, meanwhile, scene.publish(caller, ids.slice(2))]);
      sent.push(...ids);
      await scene.until(`the results of round ${round} after "${kind}"`, () =>
        ids.every((id) => told.includes(`${id} SUCCESS`)),
      );
      times.set(kind, [...(times.get(kind) ?? []), Math.round(performance.now() - from)]);
    }
    // Each once: answers were lost, tasks not.
    expect(new Set(recorder.ids)).toStrictEqual(new Set(sent));
    expect(recorder.failures).toStrictEqual([]);
    expect(recorder.lost).toStrictEqual([]);
    expect(recorder.ids).toHaveLength(sent.length);
    await scene.until('all are settled', async () => await scene.settledAll());
    // Neither more connections than before nor more consumers.
    await scene.until('the same connections', async () => isDeepStrictEqual(await names(), connections));
    expect(await names()).toStrictEqual(connections);
    expect(await scene.redis.command('HLEN', 'lovage:consumers')).toBe(1);
    // The server still tells of changes: nobody has to look from time to time.
    const consuming = (await scene.redis.clients()).filter(({ name }) => name === 'lovage-consume');
    expect(consuming.map(({ flags }) => flags.includes('t'))).toStrictEqual([true]);
    for (const [kind, all] of times) resumeTimes.push(`  resumed after ${kind}: ${all.join(', ')} ms`);
    watch.close();
  }, 120_000);

  it('fails a send by its deadline while the server is away, and takes the next', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    scene.proxy.refuse();
    scene.proxy.cutAll();
    await expect(scene.publish(driver, ['a'], { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNREACHABLE',
    });
    await scene.proxy.heal();
    await scene.publish(driver, ['b']);
    await recorder.reach(1);
    expect(recorder.ids).toContain('b');
  });

  it('fails each call by its deadline while the server is frozen', async () => {
    const driver = await scene.driver(scene.redis.url);
    const { results, ledger, broker } = driver;
    const recorder = await Recorder.open(scene, driver);
    await scene.publish(driver, ['a']);
    await recorder.reach(1);
    scene.redis.pause();
    try {
      const deadline = scene.views.deadline(300);
      const calls = [
        broker.publish({ publications: [publicationOf('b')], deadline }),
        broker.declare({ topology: { queues: [{ name: 'r' }] }, deadline }),
        results.put({ results: [resultOf('a', 'STARTED')], deadline }),
        results.get({ taskIds: ['a'], deadline }),
        ledger.revoked({ taskIds: ['a'], deadline }),
        recorder.settle({ kind: 'ack' }, recorder.deliveries, { deadlineMs: 300 }),
      ];
      const ended = await Promise.allSettled(calls);
      const codes = ended.map((one) =>
        one.status === 'rejected' ? (one.reason as { readonly code?: string }).code : 'ended',
      );
      expect(codes).toStrictEqual([...Array.from({ length: 5 }, () => 'LOVAGE_STORE_UNREACHABLE'), 'ended']);
      expect(recorder.failures).toMatchObject([{ code: 'LOVAGE_STORE_UNREACHABLE' }]);
    } finally {
      scene.redis.resume();
    }
    // Whether it took effect nobody knew; said again it does no harm.
    await recorder.settle({ kind: 'ack' });
    expect(await scene.redis.command('GET', 'celery-task-meta-a')).toMatch(/SUCCESS/);
    // Sends that failed may have taken effect all the same.
    await scene.until('all are settled', async () => {
      await recorder.settle({ kind: 'ack' });
      return await scene.settledAll();
    });
  });
});
