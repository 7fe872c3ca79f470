import { jest } from '@jest/globals';
import { MemoryBroker } from '../../src/memory/memory-broker.js';
import type { Delivery } from '../../src/ports/consumer.js';
import type { Settlement } from '../../src/ports/settlement.js';
import { Reject } from '../../src/task/outcome-signals.js';
import type { TaskContext } from '../../src/task/task-context.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeTestApps();
});

/** Brings a task to its third delivery, of which the broker never says that it has counted it. */
async function uncounted(options: object) {
  const begun: Delivery[] = [];
  jest.spyOn(MemoryBroker.prototype, 'begin').mockImplementation(async ({ deliveries }) => {
    begun.push(...deliveries);
    await new Promise(() => undefined);
  });
  const consume = jest.spyOn(MemoryBroker.prototype, 'consume');
  const ran: string[] = [];
  const scene = await testApp(
    {
      work: {
        options,
        run: ([name], context: TaskContext) => {
          if (name === 'suspect' && context.deliveries < 3) throw new Reject('once more', { requeue: true });
          ran.push(String(name));
        },
      },
    },
    { worker: { concurrency: 1, prefetch: 4 } },
  );
  await scene.app.client.send('work', { args: ['suspect'] });
  for (let step = 0; step < 5; step += 1) await scene.clock.advance(1000);
  expect(begun.map(({ deliveries }) => deliveries)).toEqual([3]);
  const [delivery] = begun as [Delivery];
  const lose = async (): Promise<void> => {
    consume.mock.calls[0]?.[0].onLost([delivery]);
    // Somebody else has it, and is done.
    const settlement: Settlement = { delivery, verb: { kind: 'ack' }, results: [], publishes: [], joins: [] };
    const { stores } = scene.app;
    await stores.broker.settle({ settlements: [settlement], deadline: stores.deadline() });
  };
  return { ...scene, ran, lose };
}

describe('a suspect that is lost while the broker is told that it begins', () => {
  it('frees what it has taken of the limits of its task', async () => {
    const { app, clock, lose, ran } = await uncounted({ concurrencyLimit: 1 });
    await lose();
    await app.client.send('work', { args: ['next'] });
    for (let step = 0; step < 60; step += 1) await clock.advance(1000);
    expect(ran).toEqual(['next']);
  });
});

describe('a message that is lost while it is acknowledged for a run, in a worker of one slot', () => {
  it('leaves the slot to one that has had its turn meanwhile', async () => {
    const consume = jest.spyOn(MemoryBroker.prototype, 'consume');
    const settle = jest.spyOn(MemoryBroker.prototype, 'settle');
    const ran: string[] = [];
    const { app, clock } = await testApp(
      {
        early: { options: { acksLate: false }, run: () => void ran.push('early') },
        limited: { options: { rateLimit: 1 }, run: () => void ran.push('limited') },
      },
      { worker: { concurrency: 1, prefetch: 4 } },
    );
    // The second waits for its turn, outside of the slot.
    for (let count = 0; count < 2; count += 1) await app.client.send('limited');
    await clock.settle();
    expect(ran).toEqual(['limited']);
    const answer = gate();
    settle.mockImplementation(async ({ settlements }) => {
      await answer.opened;
      return settlements.map(() => ({ kind: 'lost' }));
    });
    settle.mockClear();
    await app.client.send('early');
    for (let step = 0; step < 3; step += 1) await clock.advance(1000);
    expect(ran).toEqual(['limited']);
    const lost = settle.mock.calls[0]?.[0].settlements.map(({ delivery }) => delivery);
    consume.mock.calls[0]?.[0].onLost(lost ?? []);
    await clock.settle();
    const ranMeanwhile = [...ran];
    answer.open();
    await clock.settle();
    expect(ranMeanwhile).toEqual(['limited', 'limited']);
  });
});
