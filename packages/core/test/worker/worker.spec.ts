import { Deadline } from '../../src/clock/deadline.js';
import { currentTask } from '../../src/task/current-task.js';
import { Ignore, Reject } from '../../src/task/outcome-signals.js';
import { parameterList } from '../../src/task/parameter-list.js';
import type { TaskContext } from '../../src/task/task-context.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

const add = (x: number, y: number): number => x + y;

function refuse(): never {
  throw new Error('refused');
}

const withThrowingGetters = (): Error =>
  Object.defineProperties(new Error('x'), {
    message: { get: refuse },
    name: { get: refuse },
    stack: { get: refuse },
  });

const refusingProxy = (): object =>
  new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });

describe('a worker', () => {
  it('runs a task and gives its value to the caller', async () => {
    const { app } = await testApp({ 'math.add': add });
    const result = await app.client.send<number>('math.add', { args: [2, 3] });
    await expect(result.get()).resolves.toBe(5);
    await expect(result.state()).resolves.toBe('SUCCESS');
    await expect(result.successful()).resolves.toBe(true);
  });

  it('fails the task that throws, and nothing else', async () => {
    const { app } = await testApp({
      broken: () => {
        throw new RangeError('out of reach', { cause: new TypeError('no hand') });
      },
      'math.add': add,
    });
    const failed = await app.client.send('broken');
    const fine = await app.client.send<number>('math.add', { args: [1, 1] });
    await expect(failed.get()).rejects.toMatchObject({
      code: 'LOVAGE_TASK_FAILED',
      name: 'RangeError',
      message: 'out of reach',
      cause: { name: 'TypeError', message: 'no hand' },
    });
    await expect(failed.failed()).resolves.toBe(true);
    await expect(failed.traceback).resolves.toMatch(/RangeError: out of reach\n\s+at /);
    await expect(fine.get()).resolves.toBe(2);
  });

  it.each<[string, () => unknown]>([
    ['text', () => 'just text'],
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 42],
    ['a symbol', () => Symbol('odd')],
    ['a plain object', () => ({ reason: 'odd' })],
    ['an object with throwing getters', withThrowingGetters],
    ['a proxy that refuses everything', refusingProxy],
  ])('survives a task that throws %s', async (_, make) => {
    const { app } = await testApp({
      odd: () => {
        throw make();
      },
      'math.add': add,
    });
    const result = await app.client.send('odd');
    await expect(result.get()).rejects.toMatchObject({ code: 'LOVAGE_TASK_FAILED' });
    await expect((await app.client.send<number>('math.add', { args: [1, 1] })).get()).resolves.toBe(2);
  });

  it.each<[string, () => unknown]>([
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('x')],
    [
      'a cycle',
      () => {
        const value: Record<string, unknown> = {};
        value['self'] = value;
        return value;
      },
    ],
    [
      'a throwing getter',
      () => ({
        get value() {
          throw new Error('no value');
        },
      }),
    ],
    ['something too deep', (): unknown => JSON.parse('['.repeat(80) + ']'.repeat(80))],
    ['something too large', () => 'x'.repeat(2 * 1024 * 1024)],
  ])('fails a task that returns %s', async (_, make) => {
    const { app } = await testApp({ odd: make, 'math.add': add });
    const result = await app.client.send('odd');
    await expect(result.get()).rejects.toMatchObject({
      remoteCode: expect.stringMatching(/^LOVAGE_(VALUE_UNSERIALIZABLE|MESSAGE_TOO_DEEP|MESSAGE_TOO_LARGE)$/),
    });
    await expect((await app.client.send<number>('math.add', { args: [1, 1] })).get()).resolves.toBe(2);
  });

  it('keeps an undefined value as null', async () => {
    const { app } = await testApp({ quiet: () => undefined });
    await expect((await app.client.send('quiet')).get()).resolves.toBeNull();
  });

  it('parks a message of an unknown task with its reason, and fails the task', async () => {
    const { app } = await testApp({ 'math.add': add });
    const result = await app.client.send('math.sub', { args: [3, 2] });
    await expect(result.get()).rejects.toMatchObject({ remoteCode: 'LOVAGE_TASK_UNKNOWN' });
    const page = await app.stores.inspector?.messages({
      queue: 'celery',
      place: 'parked',
      limit: 10,
      deadline: app.stores.deadline(),
    });
    expect(page?.messages).toHaveLength(1);
    expect(page?.messages[0]?.reason).toMatchObject({
      code: 'LOVAGE_TASK_UNKNOWN',
      text: expect.stringContaining('closest: "math.add"'),
    });
  });

  it('refuses wrong arguments at the worker, whoever sent them', async () => {
    const { app } = await testApp({
      'math.add': {
        run: ([x, y]) => Number(x) + Number(y),
        parameters: parameterList('math.add', ['x', 'y']),
      },
    });
    await expect(app.client.send('math.add', { args: [1] })).rejects.toMatchObject({
      code: 'LOVAGE_ARGUMENTS_INVALID',
    });

    const stranger = await testApp({}, { broker: 'memory://', worker: false });
    expect(stranger.app.worker).toBeUndefined();
    const received = await testApp(
      { 'math.add': { run: () => 0, parameters: parameterList('math.add', ['x', 'y']) } },
      { broker: 'memory://strangers' },
    );
    const sender = await testApp({}, { broker: 'memory://strangers', worker: false });
    const result = await sender.app.client.send('math.add', { args: [1], kwargs: { z: 2 } });
    await expect(result.get()).rejects.toMatchObject({ remoteCode: 'LOVAGE_ARGUMENTS_INVALID' });
    expect(received.app.worker).toBeDefined();
  });

  it('runs as many tasks at once as its concurrency, and the rest after them', async () => {
    const doors = Array.from({ length: 4 }, () => gate());
    let most = 0;
    let now = 0;
    const { app } = await testApp(
      {
        wait: async (door: number) => {
          now += 1;
          most = Math.max(most, now);
          await doors[door]?.opened;
          now -= 1;
          return door;
        },
      },
      { worker: { concurrency: 2 } },
    );
    const results = await Promise.all(
      doors.map(async (_, door) => await app.client.send<number>('wait', { args: [door] })),
    );
    for (const door of doors) door.open();
    await expect(Promise.all(results.map(async (result) => await result.get()))).resolves.toEqual([
      0, 1, 2, 3,
    ]);
    expect(most).toBe(2);
  });

  it('starts a task with a countdown when its time has come, and not before', async () => {
    const runs: number[] = [];
    const { app, clock } = await testApp({ note: (_context: TaskContext) => runs.push(clock.monoNow()) });
    const begin = clock.monoNow();
    const result = await app.client.send('note', { countdown: '5m' });
    await clock.advance(299_999);
    expect(runs).toEqual([]);
    await clock.advance(1);
    await result.get();
    expect(runs).toEqual([begin + 300_000]);
  });

  it('revokes a task whose time is over before it began', async () => {
    const door = gate();
    const { app, clock } = await testApp(
      { wait: async () => await door.opened, 'math.add': add },
      { worker: { concurrency: 1, prefetch: 1 } },
    );
    const first = await app.client.send('wait');
    const late = await app.client.send('math.add', { args: [1, 1], expires: 60 });
    await clock.advance(61_000);
    door.open();
    await first.get();
    await expect(late.get()).rejects.toMatchObject({
      code: 'LOVAGE_TASK_REVOKED',
      details: { reason: 'expired' },
    });
    await expect(late.state()).resolves.toBe('REVOKED');
  });

  it('does not run a task that was revoked while it waited', async () => {
    const runs: string[] = [];
    const { app, clock } = await testApp({ note: () => runs.push('ran') });
    const result = await app.client.send('note', { countdown: 60 });
    await result.revoke();
    await clock.advance(60_000);
    await expect(result.get()).rejects.toMatchObject({
      code: 'LOVAGE_TASK_REVOKED',
      details: { reason: 'revoked' },
    });
    expect(runs).toEqual([]);
  });

  it('aborts the signal of a running task that is revoked with terminate', async () => {
    const begun = gate();
    const { app } = await testApp({
      long: async (context: TaskContext) => {
        begun.open();
        await new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
        });
      },
    });
    const result = await app.client.send('long');
    await begun.opened;
    await result.revoke({ terminate: true });
    await expect(result.get()).rejects.toMatchObject({
      code: 'LOVAGE_TASK_REVOKED',
      details: { reason: 'terminated' },
    });
  });

  it("shows states of the task's own, and the final one after them", async () => {
    const door = gate();
    const { app } = await testApp({
      upload: async (context: TaskContext) => {
        await context.updateState('PROGRESS', { current: 1, total: 2 });
        await door.opened;
        return 'done';
      },
    });
    const result = await app.client.send('upload');
    const seen: unknown[] = [];
    for await (const snapshot of result.changes()) {
      seen.push([snapshot.state, snapshot.progress ?? snapshot.result]);
      if (snapshot.state === 'PROGRESS') door.open();
    }
    expect(seen.at(-1)).toEqual(['SUCCESS', 'done']);
    expect(seen).toContainEqual(['PROGRESS', { current: 1, total: 2 }]);
  });

  it.each(['SUCCESS', 'FAILURE', 'PENDING', 'REVOKED', 'STARTED', ''])(
    'refuses updateState(%p)',
    async (state) => {
      const { app } = await testApp({
        odd: async (context: TaskContext) => await context.updateState(state),
      });
      await expect((await app.client.send('odd')).get()).rejects.toMatchObject({
        remoteCode: 'LOVAGE_STATE_RESERVED',
      });
    },
  );

  it('writes STARTED where the task asks for it', async () => {
    const begun = gate();
    const door = gate();
    const { app, clock } = await testApp({
      long: {
        run: async () => {
          begun.open();
          await door.opened;
        },
        options: { trackStarted: true },
      },
    });
    const result = await app.client.send('long');
    await begun.opened;
    await clock.settle();
    await expect(result.state()).resolves.toBe('STARTED');
    door.open();
    await result.get();
  });

  it('retries after the countdown, keeps the id, and counts', async () => {
    const attempts: number[] = [];
    const { app, clock } = await testApp({
      flaky: (context: TaskContext) => {
        attempts.push(context.retries);
        if (context.retries < 2) throw context.retry({ error: new Error('not yet'), countdown: 30 });
        return 'at last';
      },
    });
    const result = await app.client.send('flaky');
    await clock.advance(0);
    await expect(result.snapshot()).resolves.toMatchObject({ state: 'RETRY', error: { message: 'not yet' } });
    await clock.advance(30_000);
    await clock.advance(30_000);
    await expect(result.get()).resolves.toBe('at last');
    expect(attempts).toEqual([0, 1, 2]);
  });

  it('tells of a retry without an error that it is one', async () => {
    const { app, clock } = await testApp({
      patient: (context: TaskContext) => {
        throw context.retry({ countdown: 30 });
      },
    });
    const result = await app.client.send('patient');
    await clock.advance(0);
    const error = { type: 'Retry', message: 'the task asks for a retry' };
    await expect(result.snapshot()).resolves.toMatchObject({ state: 'RETRY', error });
  });

  it('fails with the error of the last attempt when no retry is left', async () => {
    const { app, clock } = await testApp({
      hopeless: {
        run: (_args, context) => {
          throw context.retry({ error: new Error('still down'), countdown: 1 });
        },
        options: { maxRetries: 2 },
      },
      silent: {
        run: (_args, context) => {
          throw context.retry({ countdown: 1 });
        },
        options: { maxRetries: 0 },
      },
      endless: {
        run: (_args, context) => {
          if (context.retries < 10) throw context.retry({ countdown: 1 });
          return context.retries;
        },
        options: { maxRetries: null },
      },
    });
    const hopeless = await app.client.send('hopeless');
    const silent = await app.client.send('silent');
    const endless = await app.client.send('endless');
    for (let second = 0; second < 12; second += 1) await clock.advance(1000);
    await expect(hopeless.get()).rejects.toMatchObject({ message: 'still down' });
    await expect(silent.get()).rejects.toMatchObject({ remoteCode: 'LOVAGE_MAX_RETRIES_EXCEEDED' });
    await expect(endless.get()).resolves.toBe(10);
  });

  it('ends a task that throws Ignore without a result, and keeps a state that it has written', async () => {
    const { app, clock, events } = await testApp({
      ignored: () => {
        throw new Ignore();
      },
      cancelled: async (context: TaskContext) => {
        await context.updateState('CANCELLED', { by: 'user' });
        throw new Ignore();
      },
    });
    const ignored = await app.client.send('ignored');
    await expect(ignored.get()).resolves.toBeUndefined();
    await expect(ignored.state()).resolves.toBe('IGNORED');
    const cancelled = await app.client.send('cancelled');
    while (events.filter(({ type }) => type === 'task-ignored').length < 2) await clock.settle();
    await expect(cancelled.snapshot()).resolves.toMatchObject({
      state: 'CANCELLED',
      progress: { by: 'user' },
    });
  });

  it('parks a message that its task rejects, and delivers it again where the task asks for that', async () => {
    let runs = 0;
    const { app } = await testApp({
      refuse: () => {
        throw new Reject('not for me');
      },
      again: (context: TaskContext) => {
        runs += 1;
        if (!context.redelivered) throw new Reject('later', { requeue: true });
        return context.deliveries;
      },
    });
    await expect((await app.client.send('refuse')).get()).rejects.toMatchObject({
      remoteCode: 'LOVAGE_TASK_REJECTED',
    });
    await expect((await app.client.send('again')).get()).resolves.toBe(2);
    expect(runs).toBe(2);
  });

  it('parks a message that was delivered more than maxDeliveries times', async () => {
    const { app } = await testApp(
      {
        poison: () => {
          throw new Reject('once more', { requeue: true });
        },
      },
      { worker: { maxDeliveries: 3 } },
    );
    await expect((await app.client.send('poison')).get()).rejects.toMatchObject({
      remoteCode: 'LOVAGE_TASK_POISONOUS',
    });
  });

  it('keeps nothing of a task with ignoreResult, and says so to who waits', async () => {
    const { app, event } = await testApp({ quiet: { run: () => 'value', options: { ignoreResult: true } } });
    const result = await app.client.send('quiet');
    await event('task-succeeded');
    await expect(result.get()).rejects.toMatchObject({ code: 'LOVAGE_RESULT_IGNORED' });
    await expect(result.state()).resolves.toBe('PENDING');
  });

  it('gives tasks that a task sends their lineage', async () => {
    const { app } = await testApp({
      parent: async () => {
        const child = await app.client.send<string[]>('child');
        return [currentTask().id, await child.get()];
      },
      child: (context: TaskContext) => [context.parentId, context.rootId],
    });
    const result = await app.client.send<[string, string[]]>('parent');
    await expect(result.get()).resolves.toEqual([result.id, [result.id, result.id]]);
    const children = await result.children;
    expect(children).toHaveLength(1);
    await expect(children[0]?.get()).resolves.toEqual([result.id, result.id]);
  });

  it('tells what happens, without arguments or results', async () => {
    const { app, events, clock } = await testApp({ 'math.add': add });
    await (await app.client.send('math.add', { args: ['secret', 'words'] })).get();
    await clock.settle();
    expect(events.map((event) => event.type)).toEqual([
      'worker-online',
      'beat-started',
      'task-received',
      'task-started',
      'task-succeeded',
    ]);
    expect(JSON.stringify(events)).not.toMatch(/secret|words/);
  });
});

describe('stopping a worker', () => {
  it('lets running tasks end, hands back what has not begun, and reports', async () => {
    const begun = gate();
    const door = gate();
    const { app, clock, events } = await testApp(
      {
        long: async () => {
          begun.open();
          await door.opened;
          return 'finished';
        },
      },
      { broker: 'memory://stopping-1', worker: { concurrency: 1, prefetch: 3 } },
    );
    const other = await testApp({}, { broker: 'memory://stopping-1', worker: false });
    const [running, waiting] = [await app.client.send('long'), await app.client.send('long')];
    await begun.opened;
    await clock.settle();
    expect(app.worker?.waitingCount).toBe(1);
    const stopping = app.close();
    await clock.settle();
    door.open();
    await stopping;
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'worker-drained',
        report: { finished: 1, returned: 1, abandoned: [] },
      }),
    );
    await expect(other.app.client.result(running.id).get()).resolves.toBe('finished');
    const page = await other.app.stores.inspector?.messages({
      queue: 'celery',
      place: 'ready',
      limit: 10,
      deadline: other.app.stores.deadline(),
    });
    expect(page?.messages.map(({ message }) => message.headers['id'])).toEqual([waiting.id]);
  });

  it.each(['while it stops', 'before it stops'])(
    'cuts what runs when it is told to hurry %s',
    async (when) => {
      const never = gate();
      const begun = gate();
      const { app, event } = await testApp({
        stuck: async () => {
          begun.open();
          await never.opened;
        },
      });
      await app.client.send('stuck');
      await begun.opened;
      if (when === 'before it stops') app.hurry();
      const closing = app.close();
      app.hurry();
      app.hurry();
      await closing;
      const { report } = await event('worker-drained');
      expect(report).toMatchObject({ finished: 0, abandoned: [{ taskName: 'stuck' }] });
    },
  );

  it('cuts a task that never returns at the deadline, hands its message back, and refuses its late result', async () => {
    const begun = gate();
    const door = gate<string>();
    let reason: unknown;
    const first = await testApp(
      {
        stuck: async (context: TaskContext) => {
          context.signal.addEventListener('abort', () => {
            reason = context.signal.reason;
          });
          begun.open();
          return await door.opened;
        },
      },
      { broker: 'memory://stopping-2' },
    );
    const keeper = await testApp({}, { broker: 'memory://stopping-2', worker: false });
    const result = await first.app.client.send('stuck');
    await begun.opened;
    await first.app.stop(Deadline.in(first.clock, 0));
    expect(reason).toMatchObject({ code: 'LOVAGE_WORKER_STOPPING' });
    expect(first.events).toContainEqual(
      expect.objectContaining({
        type: 'worker-drained',
        report: { finished: 0, returned: 0, abandoned: [{ taskId: result.id, taskName: 'stuck' }] },
      }),
    );
    door.open('from the cut run');
    const second = await testApp({ stuck: () => 'from the second run' }, { broker: 'memory://stopping-2' });
    await expect(keeper.app.client.result(result.id).get()).resolves.toBe('from the second run');
    expect(second.app.worker?.activeCount).toBe(0);
  });

  it('can be stopped twice and while it starts', async () => {
    const { app } = await testApp();
    await Promise.all([app.close(), app.close()]);
    const { TaskApp } = await import('../../src/app/task-app.js');
    const fresh = await TaskApp.create();
    const starting = fresh.start();
    await Promise.all([starting, fresh.close()]);
    expect(fresh.started).toBe(false);
  });

  it('leaves no timer behind', async () => {
    const { app, clock } = await testApp({ 'math.add': add });
    await (await app.client.send('math.add', { args: [1, 2] })).get({ timeout: 60 });
    await app.close();
    expect(clock.pending).toBe(0);
  });

  it('tells those who still wait for results', async () => {
    const { app } = await testApp();
    const waiting = expect(app.client.result('nobody').get()).rejects.toMatchObject({
      code: 'LOVAGE_SERVICE_STOPPED',
    });
    await app.close();
    await waiting;
    await expect(app.client.result('nobody').get()).rejects.toMatchObject({ code: 'LOVAGE_SERVICE_STOPPED' });
    await expect(app.client.send('late')).rejects.toMatchObject({ code: 'LOVAGE_PUBLISH_FAILED' });
  });
});
