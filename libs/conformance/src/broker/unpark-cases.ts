import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { publish, queue } from './queues.js';

/** Parks messages of these ids. */
async function park(harness: Harness, name: string, ids: readonly string[]): Promise<void> {
  await publish(
    harness,
    ids.map((id) => toQueue(name, { id })),
  );
  const taker = await Taker.open(harness, { queues: [name] });
  const deliveries = await taker.reach(ids.length);
  await taker.settleAll({ kind: 'park', reason: { code: 'LOVAGE_TEST', text: 'parked' } }, deliveries);
  await taker.close();
}

const unpark = async (
  harness: Harness,
  name: string,
  taskId: string,
  anew?: { readonly id: string; readonly queue?: string },
): Promise<string> => {
  const publication = anew && toQueue(anew.queue ?? name, { id: anew.id });
  const deadline = harness.deadline();
  return (await brokerOf(harness.view).unpark({ queue: name, taskId, publication, deadline })).kind;
};

/** Parked messages that are put back to work, or dropped. */
export const unparkCases: readonly ConformanceCase[] = [
  {
    name: 'puts another message in the place of a parked one, once',
    run: async (harness) => {
      const name = await queue(harness);
      await park(harness, name, ['a', 'b', 'c']);
      assert.equal(await unpark(harness, name, 'b', { id: 'b again' }), 'unparked');
      assert.equal(await unpark(harness, name, 'b', { id: 'b twice' }), 'absent');
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(1, 'what is parked no more should not be sent');
      assert.deepEqual(taker.ids, ['b again']);
      const delivery = await taker.nth(0);
      assert.deepEqual([delivery.deliveries, delivery.redelivered], [1, false]);
      assert.equal(await unpark(harness, name, 'a', { id: 'a again' }), 'unparked');
      assert.equal(await unpark(harness, name, 'c', { id: 'c again' }), 'unparked');
      await taker.staysAt(3, 'the others should have stayed parked');
    },
  },
  {
    name: 'drops a parked message',
    run: async (harness) => {
      const name = await queue(harness);
      await park(harness, name, ['a', 'b']);
      assert.equal(await unpark(harness, name, 'a'), 'unparked');
      assert.equal(await unpark(harness, name, 'a'), 'absent');
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(0, 'nothing should be sent');
      assert.equal(await unpark(harness, name, 'b', { id: 'b again' }), 'unparked');
      await taker.staysAt(1, 'the other should have stayed parked');
    },
  },
  {
    name: 'finds nothing parked where there is none, and keeps what would lead nowhere',
    run: async (harness) => {
      const name = await queue(harness);
      assert.equal(await unpark(harness, name, 'a', { id: 'a' }), 'absent');
      assert.equal(await unpark(harness, harness.name('unknown'), 'a', { id: 'a' }), 'absent');
      await park(harness, name, ['a']);
      const nowhere = harness.name('nowhere');
      assert.equal(await unpark(harness, name, 'a', { id: 'a', queue: nowhere }), 'unroutable');
      assert.equal(await unpark(harness, name, 'a', { id: 'a again' }), 'unparked');
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(1, 'only one should be sent');
    },
  },
];
