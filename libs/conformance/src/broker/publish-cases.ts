import assert from 'node:assert/strict';
import { Deadline, isLovageError } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, resultsOf } from '../harness.js';
import { assertRecord, idOf, numbered, record, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, kindsOf, publish, queue } from './queues.js';

export const publishCases: readonly ConformanceCase[] = [
  {
    name: 'delivers each published message once',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.acking(harness, { queues: [name] });
      await publish(harness, numbered(name, 20));
      await publish(harness, numbered(name, 20, 20));
      await taker.staysAt(40, 'no message should come twice');
      assert.equal(new Set(taker.ids).size, 40);
      for (const delivery of taker.deliveries) {
        assert.equal(delivery.deliveries, 1);
        assert.equal(delivery.redelivered, false);
      }
    },
  },
  {
    name: 'carries ten thousand messages, each once',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.acking(harness, { queues: [name], prefetch: 500 });
      for (let from = 0; from < 10_000; from += 1000) await publish(harness, numbered(name, 1000, from));
      await taker.staysAt(10_000, 'no message should come twice');
      assert.equal(new Set(taker.ids).size, 10_000);
    },
  },
  {
    name: 'keeps messages until somebody consumes',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 3));
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(3);
    },
  },
  {
    name: 'keeps the messages of a publisher that has closed',
    run: async (harness) => {
      const name = await queue(harness);
      const publisher = await harness.another();
      await publish(harness, numbered(name, 3), publisher);
      await brokerOf(publisher).close({ deadline: harness.deadline() });
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(3);
    },
  },
  {
    name: 'carries messages from one process to another',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name], view: await harness.another() });
      await publish(harness, numbered(name, 3));
      await taker.reach(3);
    },
  },
  {
    name: 'gives the outcomes of a batch in its order',
    run: async (harness) => {
      const name = await queue(harness);
      const nowhere = harness.name('undeclared');
      const outcomes = await publish(harness, [
        toQueue(nowhere),
        toQueue(name, { id: 'a' }),
        toQueue(nowhere),
        toQueue(name, { id: 'b' }),
      ]);
      assert.deepEqual(kindsOf(outcomes), ['unroutable', 'accepted', 'unroutable', 'accepted']);
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(2, 'only the accepted messages should be delivered');
      assert.deepEqual(taker.ids, ['a', 'b']);
    },
  },
  {
    name: 'takes an empty batch',
    run: async (harness) => {
      assert.deepEqual(await publish(harness, []), []);
    },
  },
  {
    name: 'does not keep an unroutable message for a queue that is declared later',
    run: async (harness) => {
      const name = harness.name('late');
      assert.deepEqual(kindsOf(await publish(harness, [toQueue(name)])), ['unroutable']);
      await declare(harness, { queues: [{ name }] });
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(0, 'an unroutable message should not be kept');
    },
  },
  {
    name: 'ends a publish whose deadline has passed: it succeeds, or fails with a coded error',
    run: async (harness) => {
      const name = await queue(harness);
      const deadline = Deadline.in(harness.clock, 0);
      let outcome: unknown;
      try {
        outcome = kindsOf(
          await brokerOf(harness.view).publish({ publications: [toQueue(name)], deadline }),
        )[0];
      } catch (error) {
        outcome = isLovageError(error) ? 'a coded error' : error;
      }
      assert.ok(outcome === 'accepted' || outcome === 'a coded error', `it ended with: ${String(outcome)}`);
    },
  },
  {
    name: 'knows a sent id as soon as its message is accepted, where results are kept in the same store',
    run: async (harness) => {
      const name = await queue(harness);
      const sent = record(harness.name('task'), 'PENDING');
      const unsent = record(harness.name('task'), 'PENDING');
      const outcomes = await publish(harness, [
        { ...toQueue(name, { id: sent.taskId }), sent },
        { ...toQueue(harness.name('undeclared'), { id: unsent.taskId }), sent: unsent },
      ]);
      assert.deepEqual(kindsOf(outcomes), ['accepted', 'unroutable']);
      if (harness.view.results?.storeId !== brokerOf(harness.view).storeId) return;
      const [kept, notKept] = await resultsOf(harness.view).get({
        taskIds: [sent.taskId, unsent.taskId],
        deadline: harness.deadline(),
      });
      // The id and its state are promised; the store may make the document itself.
      assert.deepEqual([kept?.taskId, kept?.state], [sent.taskId, sent.state]);
      assert.equal(notKept, undefined, 'an unroutable message was not sent');
    },
  },
  {
    name: 'leaves what is known of an id when its message is published once more',
    run: async (harness) => {
      const { view } = harness;
      const name = await queue(harness);
      if (view.results?.storeId !== brokerOf(view).storeId) return;
      const started = record(harness.name('task'), 'STARTED');
      await resultsOf(view).put({ results: [started], deadline: harness.deadline() });
      const again = { ...toQueue(name, { id: started.taskId }), sent: record(started.taskId, 'PENDING') };
      await publish(harness, [again]);
      const taker = await Taker.open(harness, { queues: [name] });
      assert.equal(idOf(await taker.nth(0)), started.taskId);
      const [kept] = await resultsOf(view).get({ taskIds: [started.taskId], deadline: harness.deadline() });
      assertRecord(kept, started);
    },
  },
];
