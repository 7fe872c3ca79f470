import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Broker } from '../../src/ports/broker.js';
import type { TaskContext } from '../../src/task/task-context.js';
import type { TaskOptions } from '../../src/task/task-options.js';
import { closeTestApps, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/** Two workers, one after the other, with broker and results in two stores. The first one dies before it has parked a message. */
async function scene(options: TaskOptions, run: (context: TaskContext) => unknown) {
  const clock = new VirtualClock();
  const name = crypto.randomUUID();
  const context = { clock, newId: () => crypto.randomUUID() };
  let runs = 0;
  const begin = async (parks: boolean) => {
    const first = createMemoryDriver(new URL(`memory://broker-${name}`), context);
    const { results } = createMemoryDriver(new URL(`memory://results-${name}`), context);
    const broker = new Proxy(first.broker, {
      get: (target, key: keyof Broker) => {
        const own: unknown = Reflect.get(target, key);
        if (typeof own !== 'function') return own;
        return (...args: readonly unknown[]): unknown => {
          const { settlements = [] } = args[0] as { settlements?: readonly { verb: { kind: string } }[] };
          if (!parks && key === 'settle' && settlements.some(({ verb }) => verb.kind === 'park'))
            throw new Error('the worker has died');
          return Reflect.apply(own, target, args);
        };
      },
    });
    return await testApp(
      {
        t: {
          options,
          run: (_args, task) => {
            runs += 1;
            return run(task);
          },
        },
      },
      {},
      { clock, driver: { ...first, broker, results } },
    );
  };
  const { app: dying } = await begin(false);
  const result = await dying.client.send('t');
  await clock.settle();
  const state = await result.state();
  const stopping = dying.worker?.stop(Deadline.in(clock, 0));
  for (let step = 0; step < 10; step += 1) await clock.advance(1000);
  await stopping;
  const { app } = await begin(true);
  await clock.settle();
  const parked = await app.stores.inspector?.messages({
    queue: 'celery',
    place: 'parked',
    limit: 10,
    deadline: app.stores.deadline(),
  });
  return { state, runs: () => runs, parked, last: await result.state() };
}

describe('a task whose worker dies when its failure is stored and its message is not parked yet', () => {
  it.each([
    ['LOVAGE_MAX_RETRIES_EXCEEDED', { maxRetries: 0 }],
    ['LOVAGE_TASK_PARKED', { acksOnFailureOrTimeout: false }],
  ] as const)('is parked by the next one, which does not run it again: %s', async (code, options) => {
    const found = await scene(options, (task) => {
      if ('maxRetries' in options) throw task.retry({ error: new Error('wrong') });
      throw new Error('wrong');
    });
    expect(found.state).toBe('FAILURE');
    expect(found.runs()).toBe(1);
    expect(found.last).toBe('FAILURE');
    expect(found.parked).toMatchObject({ messages: [{ reason: { code } }] });
  });

  it('is acknowledged where it was not to be parked', async () => {
    const found = await scene({}, () => {
      throw new Error('wrong');
    });
    expect(found.runs()).toBe(1);
    expect(found.parked).toMatchObject({ messages: [] });
  });
});
