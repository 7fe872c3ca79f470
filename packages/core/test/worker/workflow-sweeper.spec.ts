import { chord } from '../../src/client/canvas/compose.js';
import type { StoredResult } from '../../src/ports/stored-result.js';
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

describe('the sweeper', () => {
  it.each([
    ['SUCCESS', 5, 7],
    [
      'FAILURE',
      { exc_type: 'NotRegistered', exc_message: ['py.task'], exc_module: 'celery.exceptions' },
      undefined,
    ],
  ])('ends a chord whose part has ended as %s and was never reported', async (state, result, value) => {
    const clock = new VirtualClock();
    const driver = createMemoryDriver(new URL(`memory://sweep-${state}`), {
      clock,
      newId: () => `s${clock.monoNow()}`,
    });
    const { app } = await testApp(
      { add: (x: number, y: number) => x + y, xsum: (all: number[]) => all.reduce((a, b) => a + b, 0) },
      { worker: { queues: ['celery'] }, queues: ['celery', 'elsewhere'] },
      { clock, driver },
    );
    const { client, stores } = app;
    const header = [
      client.signature<number>('add', { args: [1, 1] }),
      client.signature<number>('py.task', { queue: 'elsewhere', taskId: 'of-python' }),
    ];
    const sent = await chord(header, client.signature<number>('xsum')).delay();
    await stores.results?.put({
      results: [document('of-python', state, result)],
      deadline: stores.deadline(),
    });
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    const outcome = await sent.get().catch((error: Error) => error.name);
    expect(outcome).toBe(value ?? 'ChordError');
    const open = await stores.results?.openChords({ beforeMs: 9e15, limit: 10, deadline: stores.deadline() });
    expect(open).toEqual([]);
  });
});
