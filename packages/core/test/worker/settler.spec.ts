import { Deadline } from '../../src/clock/deadline.js';
import { TaskApp } from '../../src/app/task-app.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { VALUE_UNSERIALIZABLE } from '../../src/errors/message-errors.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Delivery } from '../../src/ports/consumer.js';
import type { Publication } from '../../src/ports/publication.js';
import type { StoredResult } from '../../src/ports/stored-result.js';
import type { Driver } from '../../src/ports/driver.js';
import type { TaskContext } from '../../src/task/task-context.js';
import { Settler } from '../../src/worker/settler.js';
import { gate } from '../support/test-app.js';

const tooLong = VALUE_UNSERIALIZABLE.create({ serializer: 'AMQP', where: 'a header', problem: 'too long' });

/** Broker and result store of two separate stores, whose calls are written down. */
function twoStores(clock: VirtualClock) {
  const context = { clock, newId: () => crypto.randomUUID() };
  const first = createMemoryDriver(new URL('memory://'), context);
  const second = createMemoryDriver(new URL('memory://'), context);
  const calls: string[] = [];
  const failing = new Map<string, number>();
  let refused = (_record: StoredResult): boolean => false;
  let unwritable = (_publication: Publication): boolean => false;
  const noted = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const call = `${name}.${String(key)}`;
          calls.push(call);
          const left = failing.get(call) ?? 0;
          if (left > 0) {
            failing.set(call, left - 1);
            throw new Error(`${call} failed`);
          }
          const { results: records = [] } = (args[0] ?? {}) as { results?: readonly StoredResult[] };
          if (call === 'results.put' && records.some(refused)) throw new Error('it is refused');
          const { publications = [] } = (args[0] ?? {}) as { publications?: readonly Publication[] };
          if (publications.some(unwritable)) throw tooLong;
          return await (value as (...all: unknown[]) => Promise<unknown>).apply(target, args);
        };
      },
    });
  const { broker } = first;
  const { results } = second;
  if (broker === undefined || results === undefined) throw new Error('the memory driver has all ports');
  const watch = results.watch.bind(results);
  const apart = new Proxy(noted('results', results), {
    get: (target, key) => (key === 'watch' ? watch : Reflect.get(target, key)) as unknown,
  });
  const driver: Driver = { ...first, broker: noted('broker', broker), results: apart };
  const refuse = (which: typeof refused): void => {
    refused = which;
  };
  const noPlaceFor = (which: typeof unwritable): void => {
    unwritable = which;
  };
  return { driver, calls, failing, refuse, noPlaceFor };
}

describe('settling with broker and results in two stores', () => {
  const clock = new VirtualClock();
  let app: TaskApp;
  afterEach(async () => {
    const closed = app.close();
    for (let step = 0; step < 5; step += 1) await clock.advance(1000);
    await closed;
  });

  async function start(driver: Driver, run: (context: TaskContext) => unknown): Promise<void> {
    app = await TaskApp.create({}, { clock, driver });
    app.registry.add({ name: 't', run: (_args, context) => run(context), options: {}, source: 'test' });
    await app.start();
  }

  it('stores the result, then sends what follows, then acknowledges', async () => {
    const { driver, calls } = twoStores(clock);
    const door = gate();
    await start(driver, async (context) => {
      await door.opened;
      if (context.retries === 0) throw context.retry({ countdown: 5 });
    });
    const result = await app.client.send('t');
    calls.length = 0;
    door.open();
    await clock.advance(0);
    expect(calls).toEqual(['results.put', 'broker.publish', 'broker.settle']);
    await clock.advance(5000);
    await result.get();
  });

  it('records a sent id before it publishes', async () => {
    const { driver, calls } = twoStores(clock);
    await start(driver, () => undefined);
    calls.length = 0;
    await app.client.send('t');
    expect(calls.slice(0, 2)).toEqual(['results.put', 'broker.publish']);
  });

  it.each(['results.put', 'broker.settle'])('loses nothing when %s fails for a while', async (call) => {
    const { driver, failing } = twoStores(clock);
    const door = gate();
    await start(driver, async () => {
      await door.opened;
      return 'kept';
    });
    const result = await app.client.send('t');
    failing.set(call, 3);
    door.open();
    for (let step = 0; step < 5; step += 1) await clock.advance(1000);
    await expect(result.get()).resolves.toBe('kept');
    const queues = await app.stores.inspector?.queues({ deadline: app.stores.deadline() });
    expect(queues?.[0]).toMatchObject({ ready: 0, unsettled: 0 });
  });

  it('fails a task whose next attempt the broker has no place for, and no other', async () => {
    const { driver, noPlaceFor } = twoStores(clock);
    const door = gate();
    await start(driver, async (context) => {
      await door.opened;
      if (context.headers['long'] === true) throw context.retry({ countdown: 5 });
      return 'done';
    });
    const long = await app.client.send('t', { headers: { long: true } });
    const other = await app.client.send('t');
    noPlaceFor(({ message }) => message.headers['long'] === true);
    door.open();
    for (let step = 0; step < 10; step += 1) await clock.advance(2000);
    await expect(other.get()).resolves.toBe('done');
    await expect(long.get()).rejects.toThrow(/too long/);
    const queues = await app.stores.inspector?.queues({ deadline: app.stores.deadline() });
    expect(queues?.[0]).toMatchObject({ ready: 0, unsettled: 0 });
  });

  it('tells when a settlement is given up', async () => {
    const { driver, failing } = twoStores(clock);
    const door = gate();
    await start(driver, async () => await door.opened);
    const problems: unknown[] = [];
    app.events.listen((event) => {
      if (event.type === 'worker-problem') problems.push(event.error);
    });
    await app.client.send('t');
    failing.set('broker.settle', 100);
    door.open();
    for (let step = 0; step < 5; step += 1) await clock.advance(2000);
    failing.clear();
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'LOVAGE_SETTLE_FAILED',
        cause: expect.objectContaining({ message: 'broker.settle failed' }),
      }),
    ]);
  });

  it.each(['results.put', 'broker.settle'])(
    'keeps an end that could not be written, and writes it later; its task is not run again: %s',
    async (call) => {
      const { driver, failing } = twoStores(clock);
      const door = gate();
      let runs = 0;
      await start(driver, async () => {
        runs += 1;
        await door.opened;
        return runs;
      });
      const events: string[] = [];
      app.events.listen((event) => void events.push(event.type));
      const result = await app.client.send('t');
      failing.set(call, 50);
      door.open();
      for (let step = 0; step < 60; step += 1) await clock.advance(1000);
      await expect(result.get()).resolves.toBe(1);
      expect(runs).toBe(1);
      expect(events.filter((type) => /problem|succeeded/.test(type))).toEqual([
        'worker-problem',
        'task-succeeded',
      ]);
      const queues = await app.stores.inspector?.queues({ deadline: app.stores.deadline() });
      expect(queues?.[0]).toMatchObject({ ready: 0, unsettled: 0 });
    },
  );

  it('gives back what it can not write for a quarter of an hour', async () => {
    const { driver, failing } = twoStores(clock);
    let runs = 0;
    await start(driver, () => (runs += 1));
    const result = await app.client.send('t');
    failing.set('results.put', 1_000_000);
    for (let step = 0; step < 16 * 60; step += 1) await clock.advance(1000);
    failing.clear();
    for (let step = 0; step < 60; step += 1) await clock.advance(1000);
    await expect(result.get()).resolves.toBe(2);
  });

  it('writes each of several ends apart, so that one which can never be written keeps no other', async () => {
    const { driver, refuse } = twoStores(clock);
    const door = gate();
    await start(driver, async (context) => {
      await door.opened;
      return context.id;
    });
    const bad = await app.client.send('t');
    const good = [await app.client.send('t'), await app.client.send('t')];
    refuse((record) => record.taskId === bad.id);
    door.open();
    for (let step = 0; step < 60; step += 1) await clock.advance(1000);
    expect(await Promise.all(good.map(async (one) => await one.get()))).toEqual(good.map(({ id }) => id));
    expect(await bad.state()).not.toBe('SUCCESS');
  });

  it('tries once more what could not be written when its worker stops', async () => {
    const { driver, failing } = twoStores(clock);
    let runs = 0;
    await start(driver, () => (runs += 1));
    await app.client.send('t');
    // Begins in the turn of the send, so that its end is on its way already.
    failing.set('results.put', 5);
    for (let step = 0; step < 3; step += 1) await clock.advance(1000);
    const stopping = app.worker?.stop(Deadline.in(clock, 1000));
    await clock.settle();
    await stopping;
    const queues = await app.stores.inspector?.queues({ deadline: app.stores.deadline() });
    expect(queues?.[0]).toMatchObject({ ready: 0, unsettled: 0 });
  });

  it('tells which of the following messages found no queue, for each settlement its own', async () => {
    const { driver } = twoStores(clock);
    const doors = [gate(), gate()];
    let run = 0;
    await start(driver, async () => await doors[run++]?.opened);
    const settler = new Settler(app.stores, () => 'copy');
    await app.client.send('t');
    await app.client.send('t');
    await clock.settle();
    const [first, second] = [
      ...(app.worker as unknown as { pool: { active: Set<{ delivery: Delivery }> } }).pool.active,
    ];
    if (first === undefined || second === undefined) throw new Error('two tasks run');
    const message = first.delivery.message;
    const to = (routingKey: string) => ({ message, exchange: '', routingKey });
    const base = { verb: { kind: 'ack' as const }, results: [], joins: [] };
    const outcomes = await Promise.all(
      [
        { ...base, delivery: first.delivery, publishes: [to('celery'), to('nowhere')] },
        { ...base, delivery: second.delivery, publishes: [to('nowhere')] },
      ].map(
        async (settlement) =>
          await new Promise((resolve, reject) => {
            settler.push(settlement, (outcome: unknown, error: unknown) =>
              error === undefined ? resolve(outcome) : reject(error),
            );
          }),
      ),
    );
    expect(outcomes).toEqual([
      { kind: 'settled', published: [{ kind: 'accepted' }, { kind: 'unroutable' }] },
      { kind: 'settled', published: [{ kind: 'unroutable' }] },
    ]);
    for (const door of doors) door.open();
  });
});
