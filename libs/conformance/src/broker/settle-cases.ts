import assert from 'node:assert/strict';
import type { Delivery } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { idOf, numbered, sampleMessage, toQueue } from '../sample-message.js';
import { settlement, Taker } from '../taker.js';
import { kindsOf, publish, queue } from './queues.js';

const ack = { kind: 'ack' } as const;

interface InHand {
  readonly name: string;
  readonly taker: Taker;
  readonly delivery: Delivery;
}

/** A queue with the messages `0`, `1`, … of which a consumer that takes one at a time has the first in hand. */
async function inHand(harness: Harness, count = 1): Promise<InHand> {
  const name = await queue(harness);
  await publish(harness, numbered(name, count));
  const taker = await Taker.open(harness, { queues: [name], prefetch: 1 });
  return { name, taker, delivery: await taker.nth(0) };
}

/** Checks that nothing of a queue comes any more, not even after its consumer has gone. */
async function assertEmptied(harness: Harness, taker: Taker, name: string): Promise<void> {
  await taker.close();
  const next = await Taker.open(harness, { queues: [name] });
  await next.staysAt(0, 'the message should be gone');
}

const describe = ({ deliveries, redelivered, message }: Delivery): readonly unknown[] => [
  idOf({ message }),
  deliveries,
  redelivered,
];

const sortedText = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => JSON.stringify(value)).toSorted();

export const settleCases: readonly ConformanceCase[] = [
  {
    name: 'removes an acknowledged message for good',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      assert.equal((await taker.settle(ack, delivery)).kind, 'settled');
      await assertEmptied(harness, taker, name);
    },
  },
  {
    name: 'puts a requeued message behind the others and counts the delivery',
    run: async (harness) => {
      const { taker, delivery } = await inHand(harness, 3);
      assert.equal((await taker.settle({ kind: 'requeue' }, delivery)).kind, 'settled');
      for (const index of [1, 2]) await taker.settle(ack, await taker.nth(index));
      await taker.staysAt(4, 'it should come back once');
      assert.deepEqual(taker.deliveries.map(describe), [
        ['0', 1, false],
        ['1', 1, false],
        ['2', 1, false],
        ['0', 2, true],
      ]);
    },
  },
  {
    name: 'counts every delivery of a message that is requeued again and again',
    run: async (harness) => {
      const { taker } = await inHand(harness);
      for (let index = 0; index < 4; index += 1)
        await taker.settle({ kind: 'requeue' }, await taker.nth(index));
      await taker.reach(5);
      assert.deepEqual(
        taker.deliveries.map(({ deliveries }) => deliveries),
        [1, 2, 3, 4, 5],
      );
      assert.deepEqual(
        taker.deliveries.map(({ redelivered }) => redelivered),
        [false, true, true, true, true],
      );
    },
  },
  {
    name: 'delivers a released message next, where it says so, marked as delivered before, and does not count it',
    run: async (harness) => {
      const { taker, delivery } = await inHand(harness, 3);
      assert.equal((await taker.settle({ kind: 'release' }, delivery)).kind, 'settled');
      await taker.settle(ack, await taker.nth(1));
      await taker.settle(ack, await taker.nth(2));
      await taker.staysAt(4, 'it should come back once');
      const others = [
        ['1', 1, false],
        ['2', 1, false],
      ];
      const back = ['0', 1, true];
      const { releasesNext } = brokerOf(harness.view).capabilities;
      const expected = [['0', 1, false], ...(releasesNext ? [back, ...others] : [...others, back])];
      const came = taker.deliveries.map(describe);
      // Where it promises no place, any place will do.
      assert.deepEqual(
        releasesNext ? came : sortedText(came),
        releasesNext ? expected : sortedText(expected),
      );
    },
  },
  {
    name: 'keeps the count of a message that is requeued and released in turn',
    run: async (harness) => {
      const { taker } = await inHand(harness);
      for (const [index, kind] of (['requeue', 'release', 'release', 'requeue'] as const).entries()) {
        await taker.settle({ kind }, await taker.nth(index));
      }
      await taker.reach(5);
      assert.deepEqual(
        taker.deliveries.map(({ deliveries }) => deliveries),
        [1, 2, 2, 2, 3],
      );
    },
  },
  {
    name: 'gives a released message to another consumer',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      await taker.consumer.pause();
      const other = await Taker.open(harness, { queues: [name], view: await harness.another() });
      await taker.settle({ kind: 'release' }, delivery);
      assert.deepEqual(describe(await other.nth(0)), ['0', 1, true]);
    },
  },
  {
    name: 'takes a parked message out of its queue for good, and keeps it with the reason',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      const reason = { code: 'LOVAGE_TASK_UNKNOWN', text: 'no task "mail.sned" in this worker' };
      assert.equal((await taker.settle({ kind: 'park', reason }, delivery)).kind, 'settled');
      await assertEmptied(harness, taker, name);
      const { inspector } = harness.view;
      if (inspector === undefined) return;
      await harness.eventually('the inspector should show the parked message', async () => {
        const { messages } = await inspector.messages({
          queue: name,
          place: 'parked',
          limit: 10,
          deadline: harness.deadline(),
        });
        return (
          messages.length === 1 &&
          messages[0]?.reason?.code === reason.code &&
          messages[0].reason.text === reason.text
        );
      });
    },
  },
  {
    name: 'finds a second settlement of a delivery lost',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      assert.equal((await taker.settle(ack, delivery)).kind, 'settled');
      assert.equal((await taker.settle(ack, delivery)).kind, 'lost');
      assert.equal((await taker.settle({ kind: 'requeue' }, delivery)).kind, 'lost');
      await assertEmptied(harness, taker, name);
    },
  },
  {
    name: 'finds the second of two settlements of a delivery in one batch lost',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      const outcomes = await taker.settleBatch([
        settlement(delivery, ack),
        settlement(delivery, { kind: 'requeue' }),
      ]);
      assert.deepEqual(kindsOf(outcomes), ['settled', 'lost']);
      await assertEmptied(harness, taker, name);
    },
  },
  {
    name: 'does not settle a message that has come back by the handle of its former delivery',
    run: async (harness) => {
      const { taker, delivery } = await inHand(harness);
      await taker.settle({ kind: 'requeue' }, delivery);
      const again = await taker.nth(1);
      assert.equal((await taker.settle(ack, delivery)).kind, 'lost');
      assert.equal((await taker.settle(ack, again)).kind, 'settled');
    },
  },
  {
    name: 'gives the outcomes of a batch in its order; a lost one leaves the others alone',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 4));
      const taker = await Taker.open(harness, { queues: [name] });
      const [a, b, c, d] = await taker.reach(4);
      assert.ok(a && b && c && d);
      await taker.settle(ack, b);
      assert.deepEqual(kindsOf(await taker.settleAll(ack, [a, b, c, b, d])), [
        'settled',
        'lost',
        'settled',
        'lost',
        'settled',
      ]);
      await assertEmptied(harness, taker, name);
    },
  },
  {
    name: 'takes an empty batch of settlements',
    run: async (harness) => {
      assert.deepEqual(
        await brokerOf(harness.view).settle({ settlements: [], deadline: harness.deadline() }),
        [],
      );
    },
  },
  {
    name: 'refuses a delivery that it has not made, and settles nothing of that batch',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      const forged: Delivery = {
        message: sampleMessage(),
        queue: name,
        exchange: '',
        routingKey: name,
        deliveries: 1,
        redelivered: false,
      };
      await rejectsCoded(
        async () => await taker.settleAll(ack, [delivery, forged]),
        'settling a forged delivery',
      );
      assert.equal((await taker.settle(ack, delivery)).kind, 'settled');
    },
  },
  {
    name: 'does not let one process settle what another has in hand',
    run: async (harness) => {
      const { taker, delivery } = await inHand(harness);
      const other = brokerOf(await harness.another());
      const refused = await other
        .settle({ settlements: [settlement(delivery, ack)], deadline: harness.deadline() })
        .then(
          (outcomes) => kindsOf(outcomes)[0] === 'lost',
          () => true,
        );
      assert.ok(refused, 'another process settled the delivery');
      assert.equal((await taker.settle(ack, delivery)).kind, 'settled');
    },
  },
  {
    name: 'fills the place of a settled delivery with what was published meanwhile',
    run: async (harness) => {
      const { name, taker, delivery } = await inHand(harness);
      await publish(harness, [toQueue(name, { id: 'next' })]);
      await taker.staysAt(1, 'the prefetch is in hand');
      await taker.settle(ack, delivery);
      assert.equal(idOf(await taker.nth(1)), 'next');
    },
  },
];
