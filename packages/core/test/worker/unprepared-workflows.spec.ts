import { chain } from '../../src/client/canvas/compose.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { STORE_UNREACHABLE } from '../../src/errors/store-errors.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Broker } from '../../src/ports/broker.js';
import type { TaskOptions } from '../../src/task/task-options.js';
import { closeTestApps, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

const refused = (): Error => new Error('the queue can not be declared');

/** A chain whose second step belongs into a queue that no worker can declare. */
async function scene(options: TaskOptions, failure: () => Error | undefined = refused) {
  const clock = new VirtualClock();
  const context = { clock, newId: () => crypto.randomUUID() };
  const driver = createMemoryDriver(new URL(`memory://unprepared-${crypto.randomUUID()}`), context);
  const broker = new Proxy(driver.broker, {
    get: (target, key: keyof Broker) => {
      const own: unknown = Reflect.get(target, key);
      if (typeof own !== 'function') return own;
      return (...args: readonly unknown[]): unknown => {
        const failed =
          key === 'declare' && JSON.stringify(args).includes('forbidden') ? failure() : undefined;
        if (failed !== undefined) throw failed;
        return Reflect.apply(own, target, args);
      };
    },
  });
  let runs = 0;
  const { app, events } = await testApp(
    { first: { options, run: () => (runs += 1) }, second: () => undefined },
    {},
    { clock, driver: { ...driver, broker } },
  );
  const { client } = app;
  const second = client.signature('second', { queue: 'forbidden' });
  const result = await chain(client.signature('first', {}), second).delay();
  for (let step = 0; step < 30; step += 1) await clock.advance(1000);
  return { runs: () => runs, result, events: events.map(({ type }) => type) };
}

describe('a task whose follow-up needs a queue that can not be declared', () => {
  it('is not run again for ever: it is parked, and its workflow ends', async () => {
    const { runs, result, events } = await scene({});
    expect(runs()).toBe(5);
    // It goes back each time.
    expect(events).not.toContain('task-succeeded');
    await expect(result.get()).rejects.toMatchObject({ remoteCode: 'LOVAGE_TASK_POISONOUS' });
  });

  it.each([{}, { acksLate: false }])(
    'is not run again when the store is only away: what it did is written later, %j',
    async (options) => {
      let away = 7;
      const { runs, result, events } = await scene(options, () =>
        away-- > 0
          ? STORE_UNREACHABLE.create({ address: 'a', operation: 'declare', problem: 'away' })
          : undefined,
      );
      expect(runs()).toBe(1);
      expect(events.filter((type) => type === 'task-succeeded')).toHaveLength(1);
      expect(await result.state()).toBe('PENDING');
    },
  );

  it('ends its workflow when its message was acknowledged before it ran', async () => {
    const { runs, result } = await scene({ acksLate: false });
    expect(runs()).toBe(1);
    await expect(result.get()).rejects.toMatchObject({
      message: expect.stringContaining('can not be declared'),
    });
  });
});
