import { jest } from '@jest/globals';
import { Deadline } from '../../src/clock/deadline.js';
import { MemoryBroker } from '../../src/memory/memory-broker.js';
import { Reject } from '../../src/task/outcome-signals.js';
import type { TaskContext } from '../../src/task/task-context.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeTestApps();
});

/** Longer than a suspect waits for what runs. */
const patienceMs = 15_000;

/** A worker of two slots. Tasks keep both when a message comes for the third time, for longer than that waits. */
async function busyWorker() {
  const rejected = gate();
  const finished = gate();
  const ran: string[] = [];
  const scene = await testApp(
    {
      suspect: async (context: TaskContext) => {
        if (context.deliveries === 2) await rejected.opened;
        if (context.deliveries < 3) throw new Reject('once more', { requeue: true });
        ran.push('suspect');
      },
      long: async () => {
        await finished.opened;
        ran.push('long');
      },
      other: () => void ran.push('other'),
    },
    { worker: { concurrency: 2, prefetch: 4 } },
  );
  const { app, clock } = scene;
  await app.client.send('long');
  await app.client.send('suspect');
  await clock.settle();
  // Takes the slot of the suspect, which comes back.
  await app.client.send('long');
  await clock.settle();
  rejected.open();
  await clock.settle();
  await clock.advance(patienceMs);
  expect(ran).toEqual([]);
  return { ...scene, finish: () => finished.open(), ran };
}

describe('a message that was delivered again and again, in a worker without a free slot', () => {
  it('begins when a slot becomes free, though it no longer waits for what runs; others go on then', async () => {
    const { app, clock, finish, ran } = await busyWorker();
    await app.client.send('other');
    finish();
    await clock.settle();
    expect(ran).toEqual(['long', 'long', 'suspect', 'other']);
  });

  it('counts when it begins, and not while it waits for a slot', async () => {
    const begin = jest.spyOn(MemoryBroker.prototype, 'begin');
    const { clock, finish, ran } = await busyWorker();
    expect(begin).not.toHaveBeenCalled();
    begin.mockImplementation(async ({ deliveries }) => {
      ran.push(...deliveries.map((delivery) => `begin ${delivery.deliveries}`));
    });
    finish();
    await clock.settle();
    expect(ran).toEqual(['long', 'long', 'begin 3', 'suspect']);
  });

  it('begins also when the broker can not be told', async () => {
    const begin = jest.spyOn(MemoryBroker.prototype, 'begin');
    begin.mockRejectedValue(new Error('no answer'));
    const { clock, events, finish, ran } = await busyWorker();
    finish();
    await clock.settle();
    expect(ran).toEqual(['long', 'long', 'suspect']);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'worker-problem', error: new Error('no answer') }),
    );
  });

  it('goes back when the worker stops', async () => {
    const { app, clock, events } = await busyWorker();
    await app.stop(Deadline.in(clock, 0));
    const drained = events.find(({ type }) => type === 'worker-drained');
    expect(drained).toMatchObject({ report: { returned: 1 } });
  });
});
