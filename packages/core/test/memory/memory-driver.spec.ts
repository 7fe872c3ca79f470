import { randomUUID } from 'node:crypto';
import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver, type MemoryDriver } from '../../src/memory/memory-driver.js';
import type { StoredResult } from '../../src/ports/stored-result.js';

const clock = new VirtualClock();
const deadline = Deadline.in(clock, 1000);
const driver = (url: string): MemoryDriver => createMemoryDriver(new URL(url), { clock, newId: randomUUID });
const record: StoredResult = { taskId: 't', state: 'SUCCESS', document: Buffer.from('{}') };

async function opened(url: string): Promise<MemoryDriver> {
  const made = driver(url);
  await made.results.open({ deadline });
  return made;
}

const stored = async ({ results }: MemoryDriver): Promise<readonly unknown[]> =>
  await results.get({ taskIds: ['t'], deadline });

describe('createMemoryDriver', () => {
  it('gives a store of its own for each memory:// driver', async () => {
    const [one, two] = [await opened('memory://'), await opened('memory://')];
    await one.results.put({ results: [record], deadline });
    expect(await stored(two)).toEqual([undefined]);
    expect(one.results.storeId).not.toBe(two.results.storeId);
    expect(one.results.address).toBe('memory://');
  });

  it('shares a store among the drivers of one name', async () => {
    const [one, two, other] = [
      await opened('memory://shared'),
      await opened('memory://shared'),
      await opened('memory://other'),
    ];
    await one.results.put({ results: [record], deadline });
    expect(await stored(two)).toEqual([record]);
    expect(await stored(other)).toEqual([undefined]);
    expect(one.results.storeId).toBe(two.results.storeId);
    for (const { results } of [one, two, other]) await results.close({ deadline });
  });

  it('says before it is opened that all its ports have one store, and which', () => {
    const { broker, results, ledger, inspector } = driver('memory://named');
    expect(new Set([broker.storeId, results.storeId, ledger.storeId, inspector.storeId])).toEqual(
      new Set(['memory://named']),
    );
    expect(broker.address).toBe('memory://named');
  });

  it('frees a named store when the last port of the last driver has closed', async () => {
    const [one, two] = [await opened('memory://freed'), await opened('memory://freed')];
    await two.ledger.open({ deadline });
    await one.results.put({ results: [record], deadline });
    await one.results.close({ deadline });
    await two.results.close({ deadline });
    const three = await opened('memory://freed');
    expect(await stored(three)).toEqual([record]);
    await three.results.close({ deadline });
    await two.ledger.close({ deadline });
    const four = await opened('memory://freed');
    expect(await stored(four)).toEqual([undefined]);
    await four.results.close({ deadline });
  });

  it('leaves no timer after the last port has closed', async () => {
    const own = new VirtualClock();
    const { broker, results, ledger } = createMemoryDriver(new URL('memory://'), {
      clock: own,
      newId: randomUUID,
    });
    const until = Deadline.in(own, 1000);
    for (const port of [broker, results, ledger]) await port.open({ deadline: until });
    await results.put({ results: [{ ...record, ttlMs: 1000 }], deadline: until });
    await ledger.acquire({ name: 'n', owner: 'o', ttlMs: 1000, deadline: until });
    expect(own.pending).toBe(2);
    for (const port of [broker, results, ledger]) await port.close({ deadline: until });
    expect(own.pending).toBe(0);
  });

  it.each([
    'memory://user:secret@name',
    'memory://name/path',
    'memory://name?x=1',
    'memory://name:1',
    'redis://name',
  ])('refuses %s and shows nothing of it that may be secret', (url) => {
    let thrown: unknown;
    try {
      driver(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'LOVAGE_OPTION_INVALID' });
    expect(String(thrown)).not.toContain('secret');
  });

  it('is not used before it is opened', async () => {
    const { results } = driver('memory://');
    await expect(results.get({ taskIds: ['t'], deadline })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_CLOSED',
      details: { port: 'result store', operation: 'get', state: 'not open yet' },
    });
  });

  it('is not opened again after it was closed', async () => {
    const { results } = await opened('memory://');
    await results.close({ deadline });
    await expect(results.open({ deadline })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_CLOSED',
      details: { state: 'closed' },
    });
  });

  it('may be closed before it is opened', async () => {
    const { broker } = driver('memory://');
    await broker.close({ deadline });
    await broker.close({ deadline });
    await expect(broker.open({ deadline })).rejects.toMatchObject({ code: 'LOVAGE_STORE_CLOSED' });
  });

  it('does nothing after the deadline, but closes', async () => {
    const { results } = await opened('memory://');
    const passed = Deadline.in(clock, 0);
    await expect(results.put({ results: [record], deadline: passed })).rejects.toMatchObject({
      code: 'LOVAGE_DEADLINE_PASSED',
    });
    expect(await results.get({ taskIds: ['t'], deadline })).toEqual([undefined]);
    await results.close({ deadline: passed });
  });
});
