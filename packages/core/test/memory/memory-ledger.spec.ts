import { randomUUID } from 'node:crypto';
import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver, type MemoryDriver } from '../../src/memory/memory-driver.js';

describe('MemoryLedger', () => {
  let clock: VirtualClock;
  let driver: MemoryDriver;
  let deadline: Deadline;

  beforeEach(async () => {
    clock = new VirtualClock();
    deadline = Deadline.in(clock, 86_400_000);
    driver = createMemoryDriver(new URL('memory://'), { clock, newId: randomUUID });
    await driver.ledger.open({ deadline });
  });

  afterEach(async () => {
    await driver.ledger.close({ deadline });
    expect(clock.pending).toBe(0);
  });

  it('does not record a tick whose message has no queue to go to', async () => {
    const { broker, ledger } = driver;
    await broker.open({ deadline });
    const outcome = await ledger.acquire({ name: 'beat', owner: 'a', ttlMs: 60_000, deadline });
    if (outcome.kind !== 'acquired') throw new Error('the name should be free');
    const message = {
      contentType: '',
      contentEncoding: '',
      headers: {},
      properties: {},
      body: Buffer.alloc(0),
    };
    const tick = {
      schedule: 's',
      dueMs: 1,
      lease: outcome.lease,
      publication: { message, exchange: '', routingKey: 'q' },
      ttlMs: 1000,
    };
    expect(await ledger.recordTick({ tick, deadline })).toEqual({ kind: 'unroutable' });
    await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline });
    expect(await ledger.recordTick({ tick, deadline })).toEqual({ kind: 'recorded' });
    await broker.close({ deadline });
  });

  it.each([
    { tokens: 6, capacity: 5, refillPerSecond: 1 },
    { tokens: 0, capacity: 5, refillPerSecond: 1 },
    { tokens: 1, capacity: 0, refillPerSecond: 1 },
    { tokens: 1, capacity: 5, refillPerSecond: 0 },
    { tokens: Number.NaN, capacity: Number.NaN, refillPerSecond: Number.NaN },
  ])('refuses a request that could never be granted: %j', async (parts) => {
    const request = { bucket: 'b', ...parts };
    await expect(driver.ledger.takeTokens({ request, deadline })).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
    });
  });

  it('grants after exactly the wait that it told, whatever the fractions', async () => {
    for (const refillPerSecond of [3, 7, 0.3, 1 / 7, 999.7]) {
      const request = { bucket: `b${refillPerSecond}`, tokens: 1, capacity: 10, refillPerSecond };
      for (let round = 0; round < 40; round += 1) {
        const outcome = await driver.ledger.takeTokens({ request, deadline });
        if (outcome.kind === 'granted') continue;
        await clock.advance(outcome.retryInMs);
        expect(await driver.ledger.takeTokens({ request, deadline })).toEqual({ kind: 'granted' });
      }
    }
  });

  it('holds a lease by the monotonic clock: setting the calendar does not end it', async () => {
    const { ledger } = driver;
    await ledger.acquire({ name: 'n', owner: 'a', ttlMs: 10_000, deadline });
    clock.stepWall(86_400_000);
    expect(await ledger.acquire({ name: 'n', owner: 'b', ttlMs: 10_000, deadline })).toMatchObject({
      kind: 'held',
      owner: 'a',
    });
    await clock.advance(10_000);
    expect(await ledger.acquire({ name: 'n', owner: 'b', ttlMs: 10_000, deadline })).toMatchObject({
      kind: 'acquired',
    });
  });

  it.each([0, 1001, 1.5])('refuses a page of %s records', async (limit) => {
    await expect(driver.ledger.records({ kind: 'k', limit, deadline })).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
    });
  });

  it('ends its watches when it closes', async () => {
    const told: unknown[] = [];
    driver.ledger.watch({ listener: (change) => told.push(change) });
    await driver.ledger.close({ deadline });
    expect(() => driver.ledger.watch({ listener: () => undefined })).toThrow('which is closed');
    expect(told).toEqual([]);
  });
});
