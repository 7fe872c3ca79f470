import assert from 'node:assert/strict';
import type { Delivery, Driver } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import type { Harness } from '../harness.js';
import { numbered } from '../sample-message.js';
import { Taker } from '../taker.js';
import { kindsOf, publish, queue } from './queues.js';

const suspectFrom = 2;

/** Takes everything there is, in a process of its own. */
async function takeAll(
  harness: Harness,
  name: string,
  count: number,
): Promise<{ readonly taker: Taker; readonly view: Driver }> {
  const view = await harness.another();
  const taker = await Taker.open(harness, { queues: [name], suspectFrom, view });
  await taker.reach(count);
  return { taker, view };
}

/** A queue with messages with which a consumer has died once: its name. */
async function queueOfSuspects(harness: Harness, count: number): Promise<string> {
  const name = await queue(harness);
  await publish(harness, numbered(name, count));
  const { view } = await takeAll(harness, name, count);
  await harness.crash(view);
  return name;
}

const countsById = ({ deliveries }: Taker): Readonly<Record<string, number>> =>
  Object.fromEntries(
    deliveries.map(({ message, deliveries: count }): [string, number] => [
      String(message.headers['id']),
      count,
    ]),
  );

function ofId({ deliveries }: Taker, id: string): Delivery {
  const delivery = deliveries.find(({ message }) => message.headers['id'] === id);
  assert.ok(delivery !== undefined, `${id} should have been delivered`);
  return delivery;
}

export const suspectCases: readonly ConformanceCase[] = [
  {
    name: 'counts against suspects only what has begun when their consumer dies',
    run: async (harness) => {
      const name = await queueOfSuspects(harness, 2);
      const second = await takeAll(harness, name, 2);
      assert.deepEqual(countsById(second.taker), { '0': 2, '1': 2 });
      await second.taker.begin([ofId(second.taker, '0')]);
      await harness.crash(second.view);
      const third = await takeAll(harness, name, 2);
      assert.deepEqual(countsById(third.taker), { '0': 3, '1': 2 });
      assert.ok(third.taker.deliveries.every(({ redelivered }) => redelivered));
      await harness.crash(third.view);
      const fourth = await takeAll(harness, name, 2);
      assert.deepEqual(countsById(fourth.taker), { '0': 3, '1': 2 });
    },
  },
  {
    name: 'counts suspects alike when their consumer closes',
    run: async (harness) => {
      const name = await queueOfSuspects(harness, 2);
      const second = await takeAll(harness, name, 2);
      await second.taker.begin([ofId(second.taker, '1')]);
      await second.taker.close();
      const third = await takeAll(harness, name, 2);
      assert.deepEqual(countsById(third.taker), { '0': 2, '1': 3 });
    },
  },
  {
    name: 'counts what begins twice once, and what is no suspect as ever',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 1));
      const first = await takeAll(harness, name, 1);
      await first.taker.begin(first.taker.deliveries);
      await harness.crash(first.view);
      const second = await takeAll(harness, name, 1);
      assert.deepEqual(countsById(second.taker), { '0': 2 });
      await second.taker.begin(second.taker.deliveries);
      await second.taker.begin(second.taker.deliveries);
      await harness.crash(second.view);
      const third = await takeAll(harness, name, 1);
      assert.deepEqual(countsById(third.taker), { '0': 3 });
    },
  },
  {
    name: 'does not count suspects that are released, begun or not, and counts those that are requeued',
    run: async (harness) => {
      const name = await queueOfSuspects(harness, 3);
      const second = await takeAll(harness, name, 3);
      await second.taker.begin([ofId(second.taker, '0')]);
      const released = [ofId(second.taker, '0'), ofId(second.taker, '1')];
      await second.taker.consumer.pause();
      await second.taker.settleAll({ kind: 'release' }, released);
      await second.taker.settle({ kind: 'requeue' }, ofId(second.taker, '2'));
      const third = await takeAll(harness, name, 3);
      assert.deepEqual(countsById(third.taker), { '0': 2, '1': 2, '2': 3 });
      await harness.crash(third.view);
      const fourth = await takeAll(harness, name, 3);
      assert.deepEqual(countsById(fourth.taker), { '0': 2, '1': 2, '2': 3 });
    },
  },
  {
    name: 'settles suspects as any other, and knows nothing of them when they are through',
    run: async (harness) => {
      const name = await queueOfSuspects(harness, 2);
      const second = await takeAll(harness, name, 2);
      await second.taker.begin([ofId(second.taker, '0')]);
      const outcomes = await second.taker.settleAll({ kind: 'ack', certain: true }, second.taker.deliveries);
      assert.deepEqual(kindsOf(outcomes), ['settled', 'settled']);
      // They are no longer in hand: nothing is to be counted.
      await second.taker.begin(second.taker.deliveries);
      await harness.crash(second.view);
      const third = await Taker.open(harness, { queues: [name] });
      await third.staysAt(0, 'they are through');
    },
  },
];
