import { randomUUID } from 'node:crypto';
import { Deadline, SystemClock } from '@lovage/core';
import { describeWith, RabbitServer, type RabbitVhost, waitFor } from '@lovage/services';
import { CountLog } from '../../src/broker/count-log.js';
import { type CountedDelivery, DeliveryCounts } from '../../src/broker/delivery-counts.js';
import { countLogName } from '../../src/broker/count-entry.js';
import { readUrl } from '../../src/connection/read-url.js';
import { StreamLog } from '../../src/log/stream-log.js';
import { RabbitStore } from '../../src/rabbit-store.js';

describeWith('rabbitmq-server', 'notes on deliveries in their stream', () => {
  const clock = new SystemClock();
  const server = new RabbitServer();
  const opened: { end(): Promise<void> }[] = [];
  let vhost: RabbitVhost;
  const deadline = (): Deadline => Deadline.in(clock, 60_000);

  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());
  beforeEach(async () => {
    vhost = await server.createVhost();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.end();
  });

  const open = async <Notes extends { close(by: Deadline): Promise<void> }>(
    notesOn: (store: RabbitStore) => Notes,
  ): Promise<Notes> => {
    const onWarning = (warning: Error): void => {
      throw warning;
    };
    const store = new RabbitStore(readUrl(new URL(vhost.url)), { clock, newId: randomUUID, onWarning });
    await store.acquire(deadline());
    const notes = notesOn(store);
    opened.push({
      end: async () => {
        await notes.close(deadline());
        await store.release(store, deadline());
      },
    });
    return notes;
  };
  const counts = async (): Promise<DeliveryCounts> => await open((store) => new DeliveryCounts(store));
  const delivery = (key: string): CountedDelivery => ({
    key,
    returned: true,
    below: Infinity,
    count: undefined,
    note: undefined,
  });

  it('are few enough to be read before a message that came back begins', async () => {
    const log = await open((store) => new CountLog(store));
    const written = 15_000;
    for (let from = 0; from < written; from += 500)
      await Promise.all(
        Array.from({ length: 500 }, async (_, index) => {
          await log.note([['known', `${from + index}`.padEnd(40, '0'), 3, 1]], deadline());
        }),
      );
    let read = 0;
    let last = -1;
    const reader = await open(
      (store) =>
        new StreamLog({
          store,
          name: countLogName,
          mostBytes: 1_000_000,
          role: 'test',
          from: () => undefined,
          onEntry: (offset) => {
            read += 1;
            last = offset;
          },
          onReading: () => undefined,
          onRefused: (error) => {
            throw error;
          },
        }),
    );
    await reader.open(deadline());
    await waitFor(() => last >= written - 1, { what: 'all that is left was read', withinMs: 30_000 });
    expect(read).toBeLessThan(10_000);
    expect(read).toBeGreaterThan(1000);
    expect(await (await counts()).look(`${written - 1}`.padEnd(40, '0'))).toEqual({
      counted: 3,
      handed: true,
    });
  });

  it('say that a message has gone with the next note of its worker', async () => {
    const [worker, other] = [await counts(), await counts()];
    await worker.taken(delivery('m'));
    expect(await other.look('m')).toEqual({ counted: 2, handed: true });
    worker.forget('m');
    await worker.untouched('another');
    // As of a message of which nothing is known.
    expect(await other.look('m')).toEqual({ counted: 1, handed: true });
  });

  it('say it some time later where there is no other', async () => {
    const [worker, other] = [await counts(), await counts()];
    await worker.taken(delivery('m'));
    worker.forget('m');
    const isForgotten = waitFor(async () => (await other.look('m'))?.counted === 1, {
      what: 'it is forgotten',
      withinMs: 30_000,
    });
    await expect(isForgotten).resolves.toBe(true);
  });
});
