import { chain, chord } from '../../src/client/canvas/compose.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { ResultStore } from '../../src/ports/result-store.js';
import { currentTask } from '../../src/task/current-task.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/**
 * An app with broker and results in two stores.
 *
 * @param failures how often the end of a chord can not be written, though its body was published
 */
async function scene(failures: number) {
  const clock = new VirtualClock();
  const context = { clock, newId: () => crypto.randomUUID() };
  const driver = createMemoryDriver(new URL(`memory://broker-${crypto.randomUUID()}`), context);
  const elsewhere = createMemoryDriver(new URL(`memory://results-${crypto.randomUUID()}`), context);
  let left = failures;
  const results = new Proxy(elsewhere.results, {
    get: (target, key: keyof ResultStore) => {
      const own: unknown = Reflect.get(target, key);
      if (typeof own !== 'function') return own;
      return (...args: readonly unknown[]): unknown => {
        if (key === 'closeChord' && left > 0) {
          left -= 1;
          return Promise.reject(new Error('the store of results is away'));
        }
        return Reflect.apply(own, target, args);
      };
    },
  });
  const bodies: unknown[] = [];
  const after: unknown[] = [];
  const headers: unknown[] = [];
  const running = gate();
  const { app } = await testApp(
    {
      add: (x: number, y: number) => x + y,
      body: async (all: number[]) => {
        bodies.push(all);
        headers.push(currentTask().headers);
        await running.opened;
        return all.length;
      },
      after: (value: number) => after.push(value),
    },
    { worker: { queues: ['celery'], concurrency: 4 } },
    { clock, driver: { ...driver, results } },
  );
  const { client } = app;
  const header = [1, 2].map((n) => client.signature<number>('add', { args: [n, n] }));
  const result = await chord(
    header,
    chain(client.signature('body', {}), client.signature('after', {})),
  ).delay();
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < 20; step += 1) await clock.advance(ms / 20);
  };
  return { app, clock, bodies, after, headers, running, result, pass };
}

describe('the body of a chord, where broker and results are two stores', () => {
  it('runs once although it was published twice, and what follows it too', async () => {
    const { bodies, after, running, result, pass } = await scene(2);
    running.open();
    await pass(5000);
    expect(await result.get()).toBe(1);
    expect(bodies).toEqual([[2, 4]]);
    expect(after).toEqual([2]);
  });

  it('does not see the name of its copy', async () => {
    const { headers, running, result, pass } = await scene(2);
    running.open();
    await pass(5000);
    await result.get();
    expect(headers).toEqual([{}]);
  });

  it('runs once although its copies are taken at the same time', async () => {
    const { bodies, after, running, result, pass } = await scene(2);
    await pass(5000);
    expect(bodies).toHaveLength(1);
    running.open();
    expect(await result.get()).toBe(1);
    await pass(5000);
    expect([bodies.length, after.length]).toEqual([1, 1]);
  });

  it('runs once although its copy is taken when all claims have ended', async () => {
    const { app, bodies, running, result, pass } = await scene(0);
    running.open();
    await pass(5000);
    expect(await result.get()).toBe(1);
    await pass(3_600_000);
    const taskId = result.parent?.id ?? '';
    await app.client.send('body', { taskId, args: [[2, 4]], headers: { lovage_copy: 'late' } });
    await pass(5000);
    expect(bodies).toHaveLength(1);
  });
});
