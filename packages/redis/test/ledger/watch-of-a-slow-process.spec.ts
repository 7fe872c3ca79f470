import { randomUUID } from 'node:crypto';
import { Deadline, type MonoMs, SystemClock } from '@lovage/core';
import { describeWith, RedisServer } from '@lovage/services';
import { createDriver } from '../../src/index.js';

/** The clock of a process that gets little time: it has gone on each time that somebody looks at it. */
class HastyClock extends SystemClock {
  private aheadMs = 0;

  override monoNow(): MonoMs {
    this.aheadMs += 2;
    return (super.monoNow() + this.aheadMs) as MonoMs;
  }
}

describeWith('redis-server', 'a watch of the ledger', () => {
  const redis = new RedisServer();
  beforeAll(async () => await redis.start());
  afterAll(async () => await redis.close());

  it('begins also in a process that gets little time: nothing of it has to end by a deadline', async () => {
    const clock = new HastyClock();
    const { ledger } = createDriver(new URL(redis.url), { clock, newId: randomUUID });
    const deadline = Deadline.in(clock, 60_000);
    await ledger?.open({ deadline });
    try {
      expect(() => ledger?.watch({ listener: () => undefined })()).not.toThrow();
    } finally {
      await ledger?.close({ deadline });
    }
  });

  it('is refused by a ledger that is not open', () => {
    const { ledger } = createDriver(new URL(redis.url), { clock: new HastyClock(), newId: randomUUID });
    expect(() => ledger?.watch({ listener: () => undefined })).toThrow('not open yet');
  });
});
