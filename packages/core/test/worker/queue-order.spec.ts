import { randomUUID } from 'node:crypto';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Consumer, ConsumeParams } from '../../src/ports/consumer.js';
import type { Driver } from '../../src/ports/driver.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/** The memory store as a broker that knows no order, and what was consumed of it. */
function withoutOrder(
  clock: VirtualClock,
  refuse?: string,
): Driver & { readonly consumed: string[][]; closed: number } {
  const driver = createMemoryDriver(new URL('memory://'), { clock, newId: randomUUID });
  const { broker } = driver;
  const consume = broker.consume.bind(broker);
  const consumed: string[][] = [];
  const told = { ...driver, consumed, closed: 0 };
  Object.defineProperty(broker, 'capabilities', { value: { ...broker.capabilities, queueOrder: false } });
  broker.consume = async (params: ConsumeParams): Promise<Consumer> => {
    expect(params.queueOrder).toBeUndefined();
    consumed.push([...params.queues]);
    if (refuse !== undefined && params.queues.includes(refuse)) throw new Error(`no ${refuse}`);
    const consumer = await consume(params);
    const close = consumer.close.bind(consumer);
    consumer.close = async (closing) => {
      told.closed += 1;
      await close(closing);
    };
    return consumer;
  };
  return told;
}

const queues = ['hipri', 'celery', 'lopri'];

/** What ran, in order, when everything was sent while the only slot was taken. */
async function orderOf(
  worker: { queueOrder: 'fair' | 'priority'; prefetch: number },
  waiting: number,
  driver?: (clock: VirtualClock) => Driver,
) {
  const clock = new VirtualClock();
  const ran: string[] = [];
  const begun = gate();
  const go = gate();
  const { app } = await testApp(
    {
      block: async () => {
        begun.open();
        await go.opened;
      },
      note: (queue: string) => ran.push(queue),
    },
    { queues, worker: { ...worker, concurrency: 1 } },
    { clock, ...(driver !== undefined && { driver: driver(clock) }) },
  );
  await app.client.send('block', { queue: 'lopri' });
  await begun.opened;
  const sent = [];
  for (const queue of [...queues].toReversed()) {
    for (let count = 0; count < 6; count += 1)
      sent.push(await app.client.send('note', { args: [queue], queue }));
  }
  while (app.worker?.waitingCount !== waiting) await new Promise(setImmediate);
  go.open();
  for (const result of sent) await result.get();
  return ran;
}

const inOrder = queues.flatMap((queue) => Array.from({ length: 6 }, () => queue));

describe('the queues of a worker', () => {
  it('are served in their order where the worker wants it and the broker has none', async () => {
    await expect(
      orderOf({ queueOrder: 'priority', prefetch: 10 }, 18, (clock) => withoutOrder(clock)),
    ).resolves.toStrictEqual(inOrder);
  });

  it('are served in their order by the broker, as far as nothing else is in hand', async () => {
    const ran = await orderOf({ queueOrder: 'priority', prefetch: 4 }, 3);
    // Three of the last queue were in hand before anything else was there.
    expect(ran.filter((queue) => queue !== 'lopri')).toStrictEqual(inOrder.slice(0, 12));
    expect(ran.slice(0, 9)).toContain('hipri');
    expect(ran.slice(-3)).toStrictEqual(['lopri', 'lopri', 'lopri']);
  });

  it('are consumed apart only for the sake of an order', async () => {
    const clock = new VirtualClock();
    const fair = withoutOrder(clock);
    await testApp({}, { queues }, { clock, driver: fair });
    expect(fair.consumed).toStrictEqual([queues]);
    const ordered = withoutOrder(clock);
    const { app } = await testApp(
      {},
      { queues, worker: { queueOrder: 'priority' } },
      { clock, driver: ordered },
    );
    expect(ordered.consumed).toStrictEqual([['hipri'], ['celery'], ['lopri']]);
    await app.close();
    expect(ordered.closed).toBe(3);
  });

  it('are let go of when one of them can not be consumed', async () => {
    const clock = new VirtualClock();
    const driver = withoutOrder(clock, 'celery');
    const starting = testApp({}, { queues, worker: { queueOrder: 'priority' } }, { clock, driver });
    await expect(starting).rejects.toThrow('no celery');
    expect(driver.closed).toBe(2);
  });
});
