import { describeWith } from '@lovage/services';
import { ChildWorkers } from '../support/child-worker.js';
import { resultOf } from '../support/fault-messages.js';
import { FaultScene, Recorder } from '../support/fault-scene.js';

const lease = 'lease=2s';

describeWith('redis-server', 'when nothing goes through any more, and nobody says so', () => {
  const scene = new FaultScene();
  const children = new ChildWorkers();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => {
    await children.clear();
    await scene.clear();
  });
  afterAll(async () => {
    await children.close();
    await scene.close();
  });

  it.each(['both', 'to-server', 'to-client'] as const)(
    'lets go of what it has before others get it, and its late settlement is refused (%s)',
    async (direction) => {
      const isolated = await scene.driver(scene.proxyUrl(lease));
      const other = await scene.driver(scene.urlOf(lease));
      const events: string[] = [];
      await scene.publish(other, ['a', 'b']);
      const first = await Recorder.open(scene, isolated, { onLost: () => events.push('let go') });
      await first.reach(2);
      scene.proxy.impose({ flow: 'swallow' }, direction);
      const second = await Recorder.open(scene, other, { onDeliveries: () => events.push('taken over') });
      await second.reach(2);
      expect(events).toStrictEqual(['let go', 'taken over']);
      expect(first.lost).toHaveLength(2);
      await scene.proxy.heal();
      expect(await first.settle({ kind: 'ack' }, first.lost)).toStrictEqual([
        { kind: 'lost' },
        { kind: 'lost' },
      ]);
      expect(await scene.redis.command('EXISTS', 'celery-task-meta-a')).toBe(0);
      expect(await second.settle({ kind: 'ack' })).toStrictEqual([{ kind: 'settled' }, { kind: 'settled' }]);
      // It takes part again, under another lease.
      await second.consumer.close({ deadline: scene.views.deadline() });
      await scene.publish(other, ['c']);
      await first.reach(3);
      expect(first.deliveries.at(-1)?.deliveries).toBe(1);
    },
  );

  it('fails each call by its deadline', async () => {
    const { broker, results, ledger } = await scene.driver(scene.proxyUrl());
    scene.proxy.impose({ flow: 'swallow' });
    const deadline = scene.views.deadline(300);
    const calls = [
      broker.purge({ queue: 'q', deadline }),
      results.put({ results: [resultOf('a', 'STARTED')], deadline }),
      ledger.revoked({ taskIds: ['a'], deadline }),
    ];
    for (const ended of await Promise.allSettled(calls))
      expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'LOVAGE_STORE_UNREACHABLE' } });
  });

  it('finds that connections are dead on which it only listens', async () => {
    const driver = await scene.driver(scene.proxyUrl());
    const caller = await scene.driver(scene.redis.url);
    const { results } = driver;
    const told: string[] = [];
    const watch = results.watch({ listener: ({ state }) => void told.push(state) });
    await watch.add({ taskIds: ['x'], deadline: scene.views.deadline() });
    const recorder = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await scene.publish(caller, ['a']);
    await recorder.reach(1);
    await scene.until('nothing is under way', async () => await scene.settledAll());
    const before = scene.proxy.accepted;
    // Those of now; new ones would do.
    const silenced = scene.proxy.silence();
    await caller.results.put({ results: [resultOf('x', 'SUCCESS')], deadline: scene.views.deadline() });
    await scene.until('the result is told', () => told.includes('SUCCESS'));
    await scene.until('every connection is made anew', () => scene.proxy.accepted >= before + silenced);
    await scene.publish(caller, ['b']);
    // It looks by itself after ten seconds: what comes before that came because it was woken.
    await recorder.reach(2, 8000);
    expect(recorder.ids).toStrictEqual(['a', 'b']);
    watch.close();
  });

  it('a process that was stopped for longer than its lease settles nothing any more', async () => {
    const survivor = await scene.driver(scene.urlOf('lease=1s'));
    await scene.publish(survivor, ['a']);
    const child = await children.start(scene.urlOf('lease=1s'), 'stopped');
    await child.said(/^got a 1$/);
    child.program.signal('SIGSTOP');
    const recorder = await Recorder.open(scene, survivor);
    await recorder.reach(1);
    expect(recorder.deliveries[0]?.deliveries).toBe(2);
    // It is told before it knows.
    child.tell('ack a');
    child.program.signal('SIGCONT');
    await child.said(/^lost a$/);
    expect(child.lines).not.toContain('settled a');
    expect(await recorder.settle({ kind: 'ack' })).toStrictEqual([{ kind: 'settled' }]);
    expect(await scene.redis.command('GET', 'celery-task-meta-a')).not.toMatch(/stopped/);
    // It goes on with new work.
    await recorder.consumer.close({ deadline: scene.views.deadline() });
    await scene.publish(survivor, ['b']);
    await child.said(/^got b 1$/);
  });
});
