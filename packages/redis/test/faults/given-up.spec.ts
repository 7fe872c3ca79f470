import { describeWith } from '@lovage/services';
import { settleScript } from '../../src/scripts/settle.js';
import { FaultScene, Recorder } from '../support/fault-scene.js';

describeWith('redis-server', 'a settlement that failed for good', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  it.each(['loseRequest', 'loseReply'] as const)(
    'leaves nothing in hand that nobody works on (%s)',
    async (how) => {
      const driver = await scene.driver(scene.proxyUrl('lease=1s'));
      await scene.publish(driver, ['a']);
      const recorder = await Recorder.open(scene, driver);
      await recorder.reach(1);
      // Nothing goes through on this connection any more; the others, and with them the lease, go on.
      const fault = scene.proxy[how]({
        matching: ({ args }) => args[0] === settleScript.sha,
        outcome: 'hang',
      });
      await recorder.settle({ kind: 'ack' }, recorder.deliveries, { deadlineMs: 200 });
      expect(fault.hasFired).toBe(true);
      expect(recorder.failures).toMatchObject([{ code: 'LOVAGE_STORE_UNREACHABLE' }]);
      // Who gave up does not ask again. Where it took effect it is done, else it comes again.
      await scene.until('it ends', async () => {
        await recorder.settle({ kind: 'ack' }, recorder.deliveries.slice(1));
        return await scene.settledAll();
      });
      expect(await scene.redis.command('GET', 'celery-task-meta-a')).toMatch(/SUCCESS/);
      expect(recorder.ids).toStrictEqual(how === 'loseReply' ? ['a'] : ['a', 'a']);
      expect(recorder.lost).toStrictEqual([]);
    },
  );
});
