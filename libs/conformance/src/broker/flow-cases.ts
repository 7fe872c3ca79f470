import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf } from '../harness.js';
import { numbered } from '../sample-message.js';
import { Taker } from '../taker.js';
import { publish, queue } from './queues.js';

export const flowCases: readonly ConformanceCase[] = [
  {
    name: 'hands out at most the prefetch, and more only as deliveries end',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name], prefetch: 4 });
      await publish(harness, numbered(name, 20));
      await taker.staysAt(4, 'more than the prefetch came');
      await taker.settleAll({ kind: 'ack' }, taker.deliveries.slice(0, 3));
      await taker.staysAt(7, 'three ended, so three more should come');
    },
  },
  {
    name: 'never exceeds the prefetch while messages flow',
    run: async (harness) => {
      const one = await queue(harness, 'one');
      const two = await queue(harness, 'two');
      const taker = await Taker.acking(harness, { queues: [one, two], prefetch: 3 });
      for (let from = 0; from < 60; from += 10)
        await publish(harness, [...numbered(one, 10, from), ...numbered(two, 10, from)]);
      await taker.reach(120);
      assert.ok(taker.mostInHand <= 3, `it had ${taker.mostInHand} in hand with a prefetch of 3`);
    },
  },
  {
    name: 'counts the deliveries of all queues of a consumer together',
    run: async (harness) => {
      const one = await queue(harness, 'one');
      const two = await queue(harness, 'two');
      await publish(harness, [...numbered(one, 5), ...numbered(two, 5)]);
      const taker = await Taker.open(harness, { queues: [one, two], prefetch: 6 });
      await taker.staysAt(6, 'more than the prefetch came');
    },
  },
  {
    name: 'gives what waits in the first queue first to a consumer that wants an order, where the broker has one',
    run: async (harness) => {
      if (!brokerOf(harness.view).capabilities.queueOrder) return;
      const [first, second, third] = [
        await queue(harness, 'c-first'),
        await queue(harness, 'a-second'),
        await queue(harness, 'b-third'),
      ];
      for (const name of [third, first, second]) await publish(harness, numbered(name, 40));
      const taker = await Taker.acking(harness, {
        queues: [first, second, third],
        queueOrder: 'priority',
        prefetch: 1,
      });
      await taker.reach(120);
      const order = taker.deliveries.map((delivery) => delivery.queue);
      assert.deepEqual(
        order,
        [first, second, third].flatMap((name) => Array.from({ length: 40 }, () => name)),
      );
    },
  },
  {
    name: 'gives every queue of a consumer its turn, where it does not want an order',
    run: async (harness) => {
      const names = [await queue(harness, 'one'), await queue(harness, 'two'), await queue(harness, 'three')];
      for (const name of names) await publish(harness, numbered(name, 200));
      const taker = await Taker.acking(harness, { queues: names, prefetch: 2 });
      await taker.reach(600);
      for (const name of names) {
        const before = taker.deliveries.slice(0, 400).filter((delivery) => delivery.queue === name).length;
        assert.ok(before > 0, `the queue ${name} gave nothing while the others gave 400`);
      }
    },
  },
  {
    name: 'takes a larger prefetch at once',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name], prefetch: 1 });
      await publish(harness, numbered(name, 10));
      await taker.staysAt(1, 'more than the prefetch came');
      taker.consumer.setPrefetch(5);
      await taker.staysAt(5, 'more than the new prefetch came');
    },
  },
  {
    name: 'hands out nothing under a smaller prefetch until less is in hand',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name], prefetch: 5 });
      await publish(harness, numbered(name, 20));
      await taker.staysAt(5, 'more than the prefetch came');
      taker.consumer.setPrefetch(2);
      await taker.settleAll({ kind: 'ack' }, taker.deliveries.slice(0, 3));
      await taker.staysAt(5, 'two are in hand, as many as the new prefetch');
      await taker.settleAll({ kind: 'ack' }, taker.deliveries.slice(3, 4));
      await taker.staysAt(6, 'one is in hand, so one more should come');
    },
  },
  {
    name: 'delivers nothing while it is paused; what is in hand stays in hand',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name], prefetch: 3 });
      await publish(harness, numbered(name, 3));
      const inHand = await taker.nth(0);
      await taker.consumer.pause();
      const before = taker.deliveries.length;
      await publish(harness, numbered(name, 5, 3));
      assert.equal((await taker.settle({ kind: 'ack' }, inHand)).kind, 'settled');
      await taker.staysAt(before, 'something came after the pause had resolved');
      taker.consumer.resume();
      await harness.eventually(
        'deliveries should go on after resume',
        () => taker.deliveries.length > before,
      );
    },
  },
  {
    name: 'leaves the messages of a paused consumer to others',
    run: async (harness) => {
      const name = await queue(harness);
      const paused = await Taker.open(harness, { queues: [name] });
      await paused.consumer.pause();
      await publish(harness, numbered(name, 5));
      const other = await Taker.open(harness, { queues: [name], view: await harness.another() });
      await other.reach(5);
      assert.equal(paused.deliveries.length, 0);
    },
  },
  {
    name: 'takes pause and resume more than once',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.consumer.pause();
      await taker.consumer.pause();
      await publish(harness, numbered(name, 2));
      await taker.staysAt(0, 'it is paused');
      taker.consumer.resume();
      taker.consumer.resume();
      await taker.staysAt(2, 'each should come once');
    },
  },
  {
    name: 'goes on to others when a consumer has its prefetch in hand',
    run: async (harness) => {
      const name = await queue(harness);
      const views = [harness.view, await harness.another(), await harness.another()];
      const takers = await Promise.all(
        views.map(async (view) => await Taker.open(harness, { queues: [name], prefetch: 1, view })),
      );
      await publish(harness, numbered(name, 3));
      for (const taker of takers) await taker.staysAt(1, 'each has room for one');
      assert.equal(
        new Set(takers.flatMap(({ ids }) => ids)).size,
        3,
        'each message should go to one consumer',
      );
    },
  },
  {
    name: 'shares a queue among all its consumers, each message once',
    run: async (harness) => {
      const name = await queue(harness);
      const views = [harness.view, harness.view, await harness.another()];
      const takers = await Promise.all(
        views.map(async (view) => await Taker.acking(harness, { queues: [name], prefetch: 1, view })),
      );
      await publish(harness, numbered(name, 300));
      const taken = (): readonly string[] => takers.flatMap(({ ids }) => ids);
      await harness.eventually('all 300 should come', () => taken().length >= 300);
      await harness.quiet();
      assert.deepEqual([taken().length, new Set(taken()).size], [300, 300]);
      for (const taker of takers)
        assert.ok(taker.deliveries.length > 0, 'a consumer got nothing of 300 messages');
    },
  },
];
