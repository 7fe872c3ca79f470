import { TaskApp } from '../../src/app/task-app.js';
import { VALUE_UNSERIALIZABLE } from '../../src/errors/message-errors.js';
import type { Broker } from '../../src/ports/broker.js';
import type { Driver } from '../../src/ports/driver.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { parameterList } from '../../src/task/parameter-list.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/** A memory driver whose broker is changed by `change`. */
function driverWith(change: (broker: Broker) => Partial<Broker>): { driver: Driver; clock: VirtualClock } {
  const clock = new VirtualClock();
  const driver = createMemoryDriver(new URL('memory://'), { clock, newId: () => crypto.randomUUID() });
  const { broker } = driver;
  if (broker === undefined) throw new Error('the memory driver has a broker');
  const changed = change(broker);
  const wrapped = new Proxy(broker, {
    get: (target, key) => Reflect.get(key in changed ? changed : target, key) as unknown,
  });
  // Methods must keep their own object as `this`.
  const bound = new Proxy(wrapped, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function'
        ? (value as (...args: unknown[]) => unknown).bind(key in changed ? changed : broker)
        : value;
    },
  });
  return { driver: { ...driver, broker: bound }, clock };
}

describe('sending', () => {
  it('sends all calls of one event-loop turn as one batch, in their order', async () => {
    const batches: string[][] = [];
    const { driver, clock } = driverWith((broker) => ({
      publish: async (params) => {
        batches.push(params.publications.map(({ message }) => String(message.headers['task'])));
        return await broker.publish(params);
      },
    }));
    const { app } = await testApp({}, { worker: false }, { driver, clock });
    await Promise.all(['a', 'b', 'c'].map(async (name) => await app.client.send(name)));
    await app.client.send('d');
    expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('fails none but a message for which the broker has no place, though all were sent at once, and does not try that one again', async () => {
    const batches: string[][] = [];
    const { driver, clock } = driverWith((broker) => ({
      publish: async (params) => {
        const names = params.publications.map(({ message }) => String(message.headers['task']));
        batches.push(names);
        if (names.includes('odd'))
          throw VALUE_UNSERIALIZABLE.create({ serializer: 'AMQP', where: 'a header', problem: 'too long' });
        return await broker.publish(params);
      },
    }));
    const { app } = await testApp({}, { worker: false }, { driver, clock });
    const sent = await Promise.allSettled(['a', 'odd', 'c'].map(async (name) => await app.client.send(name)));
    expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sent[1]).toMatchObject({ reason: { code: 'LOVAGE_VALUE_UNSERIALIZABLE' } });
    expect(batches).toEqual([['a', 'odd', 'c'], ['a'], ['odd'], ['c']]);
  });

  it('gives each message what Celery wants of it', async () => {
    const { app, clock } = await testApp({}, { worker: false }, { pid: 42 });
    const eta = new Date(clock.wallNow() + 90_000);
    await app.client.send('math.add', {
      args: [1, 'a'],
      kwargs: { deep: true },
      taskId: 'my-id',
      eta,
      expires: 600,
      priority: 7,
      headers: { tenant: 'acme' },
      shadow: 'sum',
    });
    const page = await app.stores.inspector?.messages({
      queue: 'celery',
      place: 'delayed',
      limit: 1,
      deadline: app.stores.deadline(),
    });
    const message = page?.messages[0]?.message;
    expect(message?.headers).toMatchObject({
      lang: 'js',
      task: 'math.add',
      id: 'my-id',
      root_id: 'my-id',
      parent_id: null,
      shadow: 'sum',
      retries: 0,
      timelimit: [null, null],
      argsrepr: "(1, 'a')",
      kwargsrepr: "{'deep': True}",
      origin: 'gen42@test',
      tenant: 'acme',
      eta: expect.stringMatching(/^2026-01-01T00:01:30(\.000000)?(\+00:00|Z)$/),
      expires: expect.stringMatching(/^2026-01-01T00:10:00(\.000000)?(\+00:00|Z)$/),
    });
    expect(message?.properties).toMatchObject({ correlationId: 'my-id', deliveryMode: 2, priority: 7 });
    expect(JSON.parse(String(message?.body))).toEqual([
      [1, 'a'],
      { deep: true },
      { callbacks: null, errbacks: null, chain: null, chord: null },
    ]);
  });

  it("routes by call, by routes, and by the task's own queue, declaring what is missing", async () => {
    const { app } = await testApp(
      { 'mail.send': { run: () => undefined, options: { queue: 'mail' } } },
      { worker: { queues: ['idle'] }, routes: { 'media.*': { queue: 'media', priority: 3 } } },
    );
    await app.client.send('mail.send');
    await app.client.send('media.cut');
    await app.client.send('media.cut', { queue: 'hipri' });
    const queues = await app.stores.inspector?.queues({ deadline: app.stores.deadline() });
    expect(Object.fromEntries((queues ?? []).map(({ name, ready }) => [name, ready]))).toEqual({
      celery: 0,
      hipri: 1,
      idle: 0,
      mail: 1,
      media: 1,
    });
  });

  it.each<unknown>([5, '', null, 'x'.repeat(256), ['a'], {}])('refuses the queue %j', async (queue) => {
    const { app } = await testApp();
    await expect(app.client.send('t', { queue: queue as string })).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
    });
  });

  it('says when no queue is bound', async () => {
    const { app } = await testApp({}, { createMissingQueues: false });
    await expect(app.client.send('t', { queue: 'nowhere' })).rejects.toMatchObject({
      code: 'LOVAGE_UNROUTABLE',
      details: { routingKey: 'nowhere' },
    });
    const typo = await testApp({}, { exchanges: [{ name: 'news', type: 'fanout' }] });
    await expect(typo.app.client.send('t', { exchange: 'news' })).rejects.toMatchObject({
      code: 'LOVAGE_UNROUTABLE',
      details: { exchange: 'news' },
    });
  });

  it('refuses options that nobody knows, which would change nothing', async () => {
    const { app } = await testApp();
    const misspelt = { countDown: 3 } as object;
    await expect(app.client.send('math.add', misspelt)).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
      details: { problems: [{ option: 'countDown', got: 3 }] },
    });
    await expect(app.client.caller('math.add').applyAsync([1, 2], misspelt)).rejects.toMatchObject({
      code: 'LOVAGE_OPTION_INVALID',
    });
  });

  it('checks arguments before anything leaves', async () => {
    const { app } = await testApp({
      'math.add': { run: () => 0, parameters: parameterList('math.add', ['x', 'y']) },
      picky: {
        run: () => 0,
        validate: async (args) => {
          await Promise.resolve();
          if (args[0] !== 'please') throw new Error('say please');
          return args;
        },
      },
    });
    await expect(app.client.send('math.add', { args: [1, 2, 3] })).rejects.toMatchObject({
      code: 'LOVAGE_ARGUMENTS_INVALID',
    });
    await expect(app.client.send('picky', { args: ['now'] })).rejects.toThrow('say please');
    await expect((await app.client.send('picky', { args: ['please'] })).get()).resolves.toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['a function', () => 1, 'LOVAGE_VALUE_UNSERIALIZABLE'],
    ['something too deep', JSON.parse('['.repeat(100) + ']'.repeat(100)), 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['something too large', 'x'.repeat(2 * 1024 * 1024), 'LOVAGE_MESSAGE_TOO_LARGE'],
    ['a hostile key', JSON.parse('{"__proto__": {"admin": true}}'), 'LOVAGE_HOSTILE_KEY'],
  ])('refuses %s as an argument, with a coded error', async (_, argument, code) => {
    const { app } = await testApp();
    await expect(app.client.send('t', { args: [argument] })).rejects.toMatchObject({ code });
  });

  it.each([
    { countdown: -1 },
    { eta: new Date(Number.NaN) },
    { countdown: 1, eta: new Date() },
    { expires: '5 apples' as never },
  ])('refuses %j', async (options) => {
    const { app } = await testApp();
    await expect(app.client.send('t', options)).rejects.toMatchObject({ code: 'LOVAGE_OPTION_INVALID' });
  });

  it('tries again when the broker fails, and then tells it with its cause', async () => {
    let failures = 2;
    let calls = 0;
    const { driver, clock } = driverWith((broker) => ({
      publish: async (params) => {
        calls += 1;
        if (failures > 0) {
          failures -= 1;
          throw new Error('connection reset');
        }
        return await broker.publish(params);
      },
    }));
    const { app } = await testApp({}, { worker: false }, { driver, clock });
    const sending = app.client.send('t');
    await clock.advance(1000);
    await sending;
    expect(calls).toBe(3);

    failures = 100;
    const failing = expect(app.client.send('t', { taskId: 'lost' })).rejects.toMatchObject({
      code: 'LOVAGE_PUBLISH_FAILED',
      details: { taskId: 'lost', attempts: 4 },
      cause: { message: 'connection reset' },
      message: expect.stringContaining(' in 4 attempt(s): connection reset. It may still arrive;'),
    });
    await clock.advance(1000);
    await failing;
  });
});

describe('reading results', () => {
  it('tells an id that was never sent from one that waits', async () => {
    const { app } = await testApp({ slow: async () => await gate().opened });
    const sent = await app.client.send('slow');
    await expect(sent.snapshot()).resolves.toMatchObject({ state: 'PENDING', known: true, ready: false });
    await expect(app.client.result('never').snapshot()).resolves.toMatchObject({
      state: 'PENDING',
      known: false,
    });
  });

  it('does not claim to know where sent ids are not tracked', async () => {
    const { app } = await testApp({}, { trackSent: false });
    await expect(app.client.result('never').snapshot()).resolves.toMatchObject({
      state: 'PENDING',
      known: true,
    });
  });

  it('gives up a wait at its timeout, and lets the task go on', async () => {
    const door = gate<string>();
    const { app, clock } = await testApp({ slow: async () => await door.opened });
    const result = await app.client.send<string>('slow');
    const before = clock.pending;
    const waiting = expect(result.get({ timeout: 5 })).rejects.toMatchObject({
      code: 'LOVAGE_RESULT_TIMEOUT',
      details: { afterMs: 5000 },
    });
    await clock.advance(5000);
    await waiting;
    door.open('late');
    await expect(result.get()).resolves.toBe('late');
    expect(clock.pending).toBe(before);
  });

  it('ends a wait by its signal', async () => {
    const { app } = await testApp();
    const controller = new AbortController();
    const waiting = app.client.result('never').get({ signal: controller.signal });
    controller.abort(new Error('user left'));
    await expect(waiting).rejects.toThrow('user left');
    await expect(app.client.result('never').get({ signal: controller.signal })).rejects.toThrow('user left');
  });

  it('serves many who wait for one id, and one who waits for many', async () => {
    const door = gate<number>();
    const { app } = await testApp({
      slow: async () => await door.opened,
      'math.add': (x: number, y: number) => x + y,
    });
    const slow = await app.client.send<number>('slow');
    const waiters = Array.from({ length: 50 }, async () => await app.client.result<number>(slow.id).get());
    const sums = await Promise.all(
      Array.from(
        { length: 500 },
        async (_, index) => await (await app.client.send<number>('math.add', { args: [index, 1] })).get(),
      ),
    );
    door.open(7);
    await expect(Promise.all(waiters)).resolves.toEqual(Array.from({ length: 50 }, () => 7));
    expect(sums).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  });

  it('ends a stream of changes when its reader goes', async () => {
    const { app } = await testApp({ slow: async () => await gate().opened });
    const result = await app.client.send('slow');
    for await (const snapshot of result.changes()) {
      expect(snapshot.state).toBe('PENDING');
      break;
    }
    const controller = new AbortController();
    const reading = (async () => {
      const seen: string[] = [];
      for await (const snapshot of result.changes({ signal: controller.signal })) {
        seen.push(snapshot.state);
        controller.abort();
      }
      return seen;
    })();
    await expect(reading).resolves.toEqual(['PENDING']);
  });

  it('keeps the last changes for a slow reader, and not all of them', async () => {
    const { app } = await testApp({
      tell: {
        run: async (_args, task) => {
          for (let at = 1; at <= 500; at += 1) await task.updateState('PROGRESS', at);
        },
      },
    });
    const result = await app.client.send('tell');
    const changes = result.changes();
    await expect(changes.next()).resolves.toMatchObject({ value: { state: 'PENDING' } });
    await result.get();
    const read: unknown[] = [];
    for await (const { state, progress } of changes) read.push(progress ?? state);
    expect(read).toHaveLength(100);
    expect(read.slice(-3)).toEqual([499, 500, 'SUCCESS']);
  });

  it('ends a stream of changes with the reason when a change can not be read', async () => {
    const end = gate();
    const { app } = await testApp({ slow: async () => await end.opened }, { serializer: 'msgpack' });
    const changes = (await app.client.send('slow', { serializer: 'json' })).changes();
    await expect(changes.next()).resolves.toMatchObject({ value: { state: 'PENDING' } });
    end.open();
    await expect(changes.next()).rejects.toMatchObject({ code: 'LOVAGE_CONTENT_REFUSED' });
  });

  it('ends all waiting when an app is closed that was never started', async () => {
    const app = await TaskApp.create({ worker: false }, { clock: new VirtualClock() });
    const got = (await app.client.send('a')).get();
    const closed = expect(got).rejects.toMatchObject({ code: 'LOVAGE_SERVICE_STOPPED' });
    await app.close();
    await closed;
    await expect(app.client.send('a')).rejects.toMatchObject({ code: 'LOVAGE_PUBLISH_FAILED' });
  });

  it('forgets', async () => {
    const { app } = await testApp({ 'math.add': (x: number, y: number) => x + y });
    const result = await app.client.send('math.add', { args: [1, 2] });
    await result.get();
    await result.forget();
    await expect(result.snapshot()).resolves.toMatchObject({ state: 'PENDING', known: false });
  });

  it('lets results expire', async () => {
    const { app, clock } = await testApp(
      { 'math.add': (x: number, y: number) => x + y },
      { resultExpires: '1h' },
    );
    const { id } = await app.client.send('math.add', { args: [1, 2] });
    await app.client.result(id).get();
    await clock.advance(3_599_000);
    await expect(app.client.result(id).state()).resolves.toBe('SUCCESS');
    await clock.advance(120_000);
    await expect(app.client.result(id).snapshot()).resolves.toMatchObject({ known: false });
  });

  it('works without a result store', async () => {
    const { app, event } = await testApp({ 'math.add': () => 3 }, { results: false });
    const result = await app.client.send('math.add');
    await event('task-succeeded');
    await expect(result.state()).resolves.toBe('PENDING');
  });
});
