import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../../src/memory/memory-driver.js';
import type { Driver } from '../../../src/ports/driver.js';
import type { Ledger } from '../../../src/ports/ledger.js';
import type { TaskOptions } from '../../../src/task/task-options.js';
import { closeTestApps, type Handlers, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

const names = { used: 0 };

/** A store whose ledger can be taken away. */
function scene() {
  const clock = new VirtualClock();
  names.used += 1;
  const driver = createMemoryDriver(new URL(`memory://ledger-away-${names.used}`), {
    clock,
    newId: () => `id-${(names.used += 1)}`,
  });
  const { ledger } = driver;
  const state = { away: false };
  const asked = new Set(['acquire', 'renew', 'release', 'takeTokens']);
  const flaky = new Proxy(ledger, {
    get: (target, method: keyof Ledger) => {
      const own: unknown = Reflect.get(target, method);
      if (typeof own !== 'function') return own;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (state.away && asked.has(method)) throw new Error('the ledger is away');
        return await (Reflect.apply(own, target, args) as Promise<unknown>);
      };
    },
  });
  // A watch ends with what it gives, at once.
  const watched: Ledger = Object.assign(Object.create(flaky) as Ledger, {
    watch: (params: Parameters<Ledger['watch']>[0]) => ledger.watch(params),
  });
  const parts: Driver = { ...driver, ledger: watched };
  const app = async (handlers: Handlers) => (await testApp(handlers, {}, { clock, driver: parts })).app;
  return { clock, state, app };
}

const closed: readonly [string, TaskOptions][] = [
  ['a cap', { concurrencyLimit: 1 }],
  ['a shared rate', { rateLimit: { limit: '10/s', shared: true } }],
  ['a unique task', { unique: { while: 'running' } }],
];

describe('flow control whose ledger can not be asked', () => {
  it.each(closed)('lets the tasks of %s wait, and runs all of them later', async (_, options) => {
    const { clock, state, app } = scene();
    const ran = new Set<unknown>();
    const { client } = await app({ work: { options, run: ([n]) => void ran.add(n) } });
    state.away = true;
    for (let n = 0; n < 5; n += 1) await client.send('work', { args: [n] });
    await clock.advance(20_000);
    expect(ran.size).toBe(0);
    state.away = false;
    await clock.advance(120_000);
    expect(ran).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it.each<[string, TaskOptions]>([
    ['a cap', { concurrencyLimit: { limit: 1, failOpen: true } }],
    ['a shared rate', { rateLimit: { limit: '1/h', shared: true, failOpen: true } }],
    ['a unique task', { unique: { failOpen: true } }],
  ])('lets the tasks of %s run where they say so', async (_, options) => {
    const { clock, state, app } = scene();
    const ran = new Set<unknown>();
    const { client } = await app({ work: { options, run: ([n]) => void ran.add(n) } });
    state.away = true;
    for (let n = 0; n < 3; n += 1) await client.send('work', { args: [n] });
    await clock.advance(1000);
    expect(ran).toEqual(new Set([0, 1, 2]));
  });

  it('runs every call of a debounced task rather than none', async () => {
    const { clock, state, app } = scene();
    const ran = new Set<unknown>();
    const options = { debounce: { wait: 1, by: () => 'all' } };
    const { client } = await app({ work: { options, run: ([n]) => void ran.add(n) } });
    await client.send('work', { args: [0] });
    state.away = true;
    await client.send('work', { args: [1] });
    await clock.advance(5000);
    expect(ran).toEqual(new Set([0, 1]));
  });

  it.each<[string, TaskOptions, object]>([
    ['a unique task', { unique: true }, {}],
    ['an idempotency key', {}, { idempotencyKey: 'k' }],
  ])('refuses to send %s, and nothing of it is left', async (_, options, call) => {
    const { clock, state, app } = scene();
    const ran = new Set<unknown>();
    const { client } = await app({ work: { options, run: () => void ran.add(1) } });
    state.away = true;
    await expect(client.send('work', call)).rejects.toThrow('the ledger is away');
    state.away = false;
    await (await client.send('work', call)).get();
    await clock.settle();
    expect(ran).toEqual(new Set([1]));
  });

  it('goes on with what runs while the ledger is away, and frees its key by time', async () => {
    const { clock, state, app } = scene();
    const spans: number[] = [];
    const run = async (): Promise<void> => {
      spans.push(clock.monoNow());
      await new Promise<void>((resolve) => void clock.after(5000, resolve));
    };
    const { client } = await app({ work: { options: { concurrencyLimit: 1 }, run } });
    const first = await client.send('work');
    const second = await client.send('work');
    await clock.advance(1000);
    state.away = true;
    await clock.advance(6000);
    await expect(first.successful()).resolves.toBe(true);
    state.away = false;
    await clock.advance(60_000);
    await expect(second.successful()).resolves.toBe(true);
    expect(spans).toHaveLength(2);
  });
});
