import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../../src/memory/memory-driver.js';
import type { Broker } from '../../../src/ports/broker.js';
import { closeTestApps, gate, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

describe('tasks whose messages are acknowledged before they run', () => {
  it('are not acknowledged before there is a slot for them, whatever else wants one', async () => {
    const doors = [gate(), gate(), gate()];
    const ran: string[] = [];
    const { app, clock } = await testApp(
      {
        early: {
          options: { acksLate: false },
          run: async ([n]) => {
            ran.push(`early ${String(n)}`);
            await doors[Number(n)]?.opened;
          },
        },
        late: () => void ran.push('late'),
      },
      { worker: { concurrency: 2, prefetch: 8 } },
    );
    const sends = [0, 1, 2].map(async (n) => await app.client.send('early', { args: [n] }));
    await Promise.all([...sends, app.client.send('late')]);
    await clock.settle();
    const queue = async (): Promise<unknown> =>
      (await app.stores.inspector?.queues({ deadline: app.stores.deadline() }))?.[0];
    expect(ran).toEqual(['early 0', 'early 1']);
    expect(await queue()).toMatchObject({ unsettled: 2 });
    doors[0]?.open();
    await clock.settle();
    expect(ran).toEqual(['early 0', 'early 1', 'early 2']);
    expect(await queue()).toMatchObject({ unsettled: 1 });
    doors[1]?.open();
    doors[2]?.open();
    await clock.settle();
    expect(ran).toContain('late');
    expect(await queue()).toMatchObject({ ready: 0, unsettled: 0 });
  });
});

describe('a task with a cap whose message is acknowledged before it runs', () => {
  it('frees its slot when the acknowledgement fails', async () => {
    const clock = new VirtualClock();
    const driver = createMemoryDriver(new URL('memory://early-acknowledgement'), {
      clock,
      newId: () => crypto.randomUUID(),
    });
    let failing = 5;
    const broker = new Proxy(driver.broker, {
      get: (target, key: keyof Broker) => {
        const own: unknown = Reflect.get(target, key);
        if (typeof own !== 'function') return own;
        return (...args: readonly unknown[]): unknown => {
          if (key === 'settle' && failing > 0) {
            failing -= 1;
            throw new Error('the broker is away');
          }
          return Reflect.apply(own, target, args);
        };
      },
    });
    const ran: unknown[] = [];
    const options = { acksLate: false, concurrencyLimit: 1 };
    const { app, events } = await testApp(
      { work: { options, run: ([n]) => void ran.push(n) } },
      {},
      { clock, driver: { ...driver, broker } },
    );
    await app.client.send('work', { args: ['first'] });
    for (let step = 0; step < 5; step += 1) await clock.advance(1000);
    expect(events.filter(({ type }) => type === 'worker-problem')).toHaveLength(1);
    await app.client.send('work', { args: ['second'] });
    for (let step = 0; step < 60; step += 1) await clock.advance(1000);
    expect(new Set(ran)).toEqual(new Set(['first', 'second']));
    expect(ran).toHaveLength(2);
  });
});
