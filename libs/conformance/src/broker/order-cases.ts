import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { idOf, numbered, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, publish, queue } from './queues.js';

/** Priorities that every technology tells apart: some keep only four classes, and these are in different ones. */
const levels = [0, 9, 3, 6];

/** What comes out of one queue, one by one, when all is published before anybody consumes. */
async function drained(harness: Harness, name: string, count: number): Promise<readonly string[]> {
  const taker = await Taker.acking(harness, { queues: [name], prefetch: 1 });
  await taker.staysAt(count, 'each message should come once');
  return taker.ids;
}

export const orderCases: readonly ConformanceCase[] = [
  {
    name: 'delivers to the only consumer of a queue in the order of publishing',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 30));
      const taker = await Taker.acking(harness, { queues: [name], prefetch: 7 });
      for (const { message } of numbered(name, 10, 30)) await publish(harness, [toQueue(name, { message })]);
      await taker.reach(40);
      assert.deepEqual(
        taker.ids,
        Array.from({ length: 40 }, (_, index) => String(index)),
      );
    },
  },
  {
    name: 'serves every queue of a consumer, however full those before it are',
    run: async (harness) => {
      const full = await queue(harness, 'full');
      const other = await queue(harness, 'other');
      await publish(harness, [...numbered(full, 50), toQueue(other, { id: 'other' })]);
      let refilled = 0;
      const taker = await Taker.open(harness, {
        queues: [full, other],
        prefetch: 2,
        onDeliveries: (deliveries, own) => {
          refill(deliveries.map(idOf).includes('other') ? 0 : deliveries.length)
            .then(async () => await own.settleAll({ kind: 'ack' }, deliveries))
            // What still comes when the case has ended can not be settled; before, it would show as starvation.
            .catch(() => undefined);
        },
      });
      const refill = async (count: number): Promise<void> => {
        // The first queue never runs dry, up to a bound at which the other has been starved long enough.
        refilled += count;
        if (count > 0 && refilled < 500) await publish(harness, numbered(full, count, refilled));
      };
      await harness.eventually('the queue behind the full one should be served', () =>
        taker.ids.includes('other'),
      );
      assert.ok(refilled < 500, 'the queue behind was served only when the first ran dry');
    },
  },
  {
    name: 'delivers by priority as its capabilities say; no priority counts as 0',
    run: async (harness) => {
      const name = harness.name('queue');
      await declare(harness, { queues: [{ name, maxPriority: 9 }] });
      const { priorityOrder } = brokerOf(harness.view).capabilities;
      const sent = [...levels, undefined, ...levels].map((priority, index) => ({ id: `${index}`, priority }));
      await publish(
        harness,
        sent.map(({ id, priority }) => toQueue(name, priority === undefined ? { id } : { id, priority })),
      );
      const sign = { 'high-first': -1, 'low-first': 1, none: 0 }[priorityOrder];
      const expected = sent
        .toSorted((a, b) => sign * ((a.priority ?? 0) - (b.priority ?? 0)))
        .map(({ id }) => id);
      assert.deepEqual(await drained(harness, name, sent.length), expected);
    },
  },
  {
    name: 'keeps the order of publishing within one priority',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(
        harness,
        Array.from({ length: 20 }, (_, index) => toQueue(name, { id: String(index), priority: 6 })),
      );
      assert.deepEqual(
        await drained(harness, name, 20),
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
    },
  },
];
