import { describeWith } from '@lovage/services';
import { claimScript } from '../../src/scripts/claim.js';
import { registerScript } from '../../src/scripts/leases.js';
import { FaultScene } from '../support/fault-scene.js';

describeWith('redis-server', 'a claim that arrives late', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  it('takes nothing once a later one of its slot was answered: nobody would hear of it', async () => {
    const driver = await scene.driver(scene.redis.url);
    const store = await scene.views.store(scene.redis.url);
    const deadline = scene.views.deadline();
    await store.run(registerScript, deadline, ['owner', 60_000, '["q"]', '', 1, 'q']);
    const claim = async (slot: number, number: number): Promise<number> => {
      const answer = await store.run(claimScript, deadline, ['owner', slot, number, 1, 'new', 0, 1, 'q']);
      const taken = (answer as readonly unknown[]).slice(3) as readonly (readonly unknown[])[];
      return taken.reduce((count, group) => count + group.length - 1, 0);
    };
    await scene.publish(driver, ['a', 'b', 'c']);
    expect(await claim(1, 1)).toBe(1);
    expect(await claim(1, 1)).toBe(1);
    expect(await claim(2, 2)).toBe(1);
    expect(await claim(1, 3)).toBe(1);
    // Also where the later one found nothing.
    expect(await claim(2, 4)).toBe(0);
    await scene.publish(driver, ['d']);
    expect([await claim(1, 1), await claim(2, 2), await claim(2, 4)]).toStrictEqual([0, 0, 0]);
    expect(await scene.redis.command('LLEN', 'q')).toBe(1);
    expect(await scene.redis.command('HLEN', 'unacked')).toBe(3);
    expect(await claim(1, 5)).toBe(1);
  });
});
