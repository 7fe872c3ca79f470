import { chord } from '../../src/client/canvas/compose.js';
import { Signature } from '../../src/client/canvas/signature.js';
import type { SignatureJson } from '../../src/message/signature-json.js';
import type { TaskContext } from '../../src/task/task-context.js';
import type { Driver } from '../../src/ports/driver.js';
import type { ResultStore } from '../../src/ports/result-store.js';
import type { StoredResult } from '../../src/ports/stored-result.js';
import type { CallOptions } from '../../src/task/task-options.js';
import { closeTestApps, testApp } from '../support/test-app.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

afterEach(closeTestApps);

const document = (taskId: string, status: string, result: unknown): StoredResult => ({
  taskId,
  state: status,
  document: JSON.stringify({
    status,
    result,
    traceback: null,
    children: [],
    date_done: null,
    task_id: taskId,
  }),
});

/** A chord one part of which belongs to Python, which does not answer. */
async function waitingForPython(
  bodyOptions: CallOptions = {},
  wrap: (driver: ReturnType<typeof createMemoryDriver>) => Driver = (driver) => driver,
) {
  const clock = new VirtualClock();
  const context = { clock, newId: () => crypto.randomUUID() };
  const driver = wrap(createMemoryDriver(new URL(`memory://sweep-${crypto.randomUUID()}`), context));
  const bodies: unknown[] = [];
  const { app, events } = await testApp(
    {
      add: (x: number, y: number) => x + y,
      xsum: (all: number[]) => {
        bodies.push(all);
        return all.reduce((a, b) => a + b, 0);
      },
    },
    { worker: { queues: ['celery'] }, queues: ['celery', 'elsewhere'] },
    { clock, driver },
  );
  const { client, stores } = app;
  const header = [
    client.signature<number>('add', { args: [1, 1] }),
    client.signature<number>('py.task', { queue: 'elsewhere', taskId: 'of-python' }),
  ];
  const sent = await chord(header, client.signature<number>('xsum', bodyOptions)).delay();
  const report = async (state = 'SUCCESS', result: unknown = 5): Promise<void> => {
    const results = [document('of-python', state, result)];
    await stores.results?.put({ results, deadline: stores.deadline() });
  };
  return { app, clock, events, sent, bodies, report };
}

describe('the sweeper', () => {
  it.each([
    ['SUCCESS', 5, 7],
    [
      'FAILURE',
      { exc_type: 'NotRegistered', exc_message: ['py.task'], exc_module: 'celery.exceptions' },
      undefined,
    ],
  ])('ends a chord whose part has ended as %s and was never reported', async (state, result, value) => {
    const { app, clock, sent, report } = await waitingForPython();
    const { stores } = app;
    await report(state, result);
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    const outcome = await sent.get().catch((error: Error) => error.name);
    expect(outcome).toBe(value ?? 'ChordError');
    const open = await stores.results?.openChords({ beforeMs: 9e15, limit: 10, deadline: stores.deadline() });
    expect(open).toEqual([]);
  });

  it('ends a chord whose member has added a part that has ended and was never reported', async () => {
    const clock = new VirtualClock();
    const { app } = await testApp(
      {
        xsum: (all: number[]) => all.reduce((a, b) => a + b, 0),
        extend: (json: SignatureJson, context: TaskContext) => {
          context.addToChord(new Signature(json));
          return 1;
        },
      },
      { worker: { queues: ['celery'] }, queues: ['celery', 'elsewhere'] },
      { clock },
    );
    const { client, stores } = app;
    const added = client.signature('py.task', { queue: 'elsewhere', taskId: 'of-python' });
    const extend = client.signature<number>('extend', { args: [added.toJSON()] });
    const sent = await chord([extend], client.signature<number>('xsum')).delay();
    await sent.parent?.get();
    const results = [document('of-python', 'SUCCESS', 5)];
    await stores.results?.put({ results, deadline: stores.deadline() });
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    expect(await sent.get()).toBe(6);
  });

  it('ends a chord whose body finds no queue', async () => {
    const { sent, clock, report } = await waitingForPython({ exchange: 'nowhere', routingKey: 'x' });
    await report();
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    await expect(sent.get({ timeout: 1 })).rejects.toMatchObject({ remoteCode: 'LOVAGE_UNROUTABLE' });
  });

  it('sends a body once more when it can not close the chord, and it runs once', async () => {
    let failures = 2;
    const { sent, clock, report, bodies } = await waitingForPython({}, (driver) => {
      const results = new Proxy(driver.results, {
        get: (target, key: keyof ResultStore) => {
          const own: unknown = Reflect.get(target, key);
          if (typeof own !== 'function') return own;
          return (...args: readonly unknown[]): unknown => {
            if (key !== 'closeChord' || failures === 0) return Reflect.apply(own, target, args);
            failures -= 1;
            return Promise.reject(new Error('the store of results is away'));
          };
        },
      });
      return { ...driver, results };
    });
    await report();
    for (let minute = 0; minute < 9; minute += 1) await clock.advance(60_000);
    expect(await sent.get()).toBe(7);
    expect(failures).toBe(0);
    expect(bodies).toHaveLength(1);
  });
});
