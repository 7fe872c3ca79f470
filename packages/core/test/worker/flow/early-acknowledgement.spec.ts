import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../../src/memory/memory-driver.js';
import type { Broker } from '../../../src/ports/broker.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

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
