import fc from 'fast-check';
import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { LocalBuckets } from '../../../src/worker/flow/local-buckets.js';

describe('buckets of one worker', () => {
  it('give no more than the limit in any window, and all of it to those who ask often enough', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 }),
        async (perSecond, burst, pauses) => {
          const clock = new VirtualClock();
          const buckets = new LocalBuckets(clock);
          const intervalMs = 1000 / perSecond;
          const granted: number[] = [];
          for (const pauseMs of pauses) {
            if (buckets.take('b', intervalMs, burst) === 0) granted.push(clock.monoNow());
            if (pauseMs > 0) await clock.advance(pauseMs);
          }
          for (const [index, from] of granted.entries()) {
            const inside = granted.slice(index).filter((at) => at < from + 1000 - 1e-3).length;
            expect(inside).toBeLessThanOrEqual(perSecond + burst - 1);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('grants to whoever has waited as long as it was told', async () => {
    const clock = new VirtualClock();
    const buckets = new LocalBuckets(clock);
    const intervalMs = 1000 / 3;
    for (let n = 0; n < 50; n += 1) {
      const waitMs = buckets.take('b', intervalMs, 1);
      if (waitMs === 0) continue;
      await clock.advance(waitMs);
      expect(buckets.take('b', intervalMs, 1)).toBe(0);
    }
  });

  it('keeps names apart, and forgets those that are full again', async () => {
    const clock = new VirtualClock();
    const buckets = new LocalBuckets(clock);
    for (let n = 0; n < 5000; n += 1) {
      expect(buckets.take(`b${n}`, 10, 1)).toBe(0);
      if (n % 100 === 0) await clock.advance(20);
    }
    const names = Reflect.get(buckets, 'fullAt') as ReadonlyMap<string, number>;
    expect(names.size).toBeLessThan(1500);
  });
});
