import assert from 'node:assert/strict';
import type { ChordPart, Delivery, Publication, StoredResult } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, isAtomic, resultsOf } from '../harness.js';
import { assertRecord, numbered, record, toQueue } from '../sample-message.js';
import { settlement, type SettlementExtras, Taker } from '../taker.js';
import { kindsOf, publish, queue } from './queues.js';

const ack = { kind: 'ack' } as const;

interface Work {
  readonly taker: Taker;
  readonly deliveries: readonly Delivery[];
  /** A second queue, and who consumes it. */
  readonly next: string;
  readonly nextTaker: Taker;
}

async function work(harness: Harness, count: number): Promise<Work> {
  const name = await queue(harness);
  const next = await queue(harness, 'next');
  await publish(harness, numbered(name, count));
  const taker = await Taker.open(harness, { queues: [name] });
  const deliveries = [...(await taker.reach(count))];
  return { taker, deliveries, next, nextTaker: await Taker.open(harness, { queues: [next] }) };
}

/** A case for brokers that commit all of a settlement together; the others must refuse more than an acknowledgement. */
const whereAtomic = ({ name, run }: ConformanceCase): ConformanceCase => ({
  name,
  run: async (harness) => {
    if (isAtomic(harness.view)) {
      await run(harness);
      return;
    }
    if (harness.view.broker?.capabilities.atomicSettle === true) return;
    const { taker, deliveries, next } = await work(harness, 1);
    const extras: readonly SettlementExtras[] = [
      { results: [record('t', 'SUCCESS')] },
      { publishes: [toQueue(next)] },
      { joins: [part('g', 't', 0)] },
    ];
    for (const extra of extras) {
      await rejectsCoded(
        async () => await taker.settle(ack, await taker.nth(0), extra),
        'settling with more than a verb',
        'LOVAGE_CAPABILITY_MISSING',
      );
    }
    assert.equal(
      (await taker.settle(ack, deliveries[0] as Delivery)).kind,
      'settled',
      'nothing should have taken effect before',
    );
  },
});

const part = (groupId: string, taskId: string, groupIndex: number): ChordPart => ({
  groupId,
  taskId,
  groupIndex,
  document: Buffer.from(`part ${taskId}`),
  ttlMs: 3_600_000,
});

async function openChord(harness: Harness, groupId: string, size: number): Promise<void> {
  const chord = { groupId, size, owner: 'who has begun it', record: '', ttlMs: 3_600_000 };
  await resultsOf(harness.view).openChord({ chord, deadline: harness.deadline() });
}

async function stored(
  harness: Harness,
  taskIds: readonly string[],
): Promise<readonly (StoredResult | undefined)[]> {
  return await resultsOf(harness.view).get({ taskIds, deadline: harness.deadline() });
}

/** The n-th delivery of some; cases know how many they asked for. */
const at = (deliveries: readonly Delivery[], index: number): Delivery => {
  const delivery = deliveries[index];
  assert.ok(delivery !== undefined);
  return delivery;
};

const cases: readonly ConformanceCase[] = [
  {
    name: 'stores results and publishes messages together with the end of a delivery',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const result = record(harness.name('task'), 'SUCCESS', 5);
      const follows: readonly Publication[] = [toQueue(next, { id: 'a' }), toQueue(next, { id: 'b' })];
      const outcome = await taker.settle(ack, at(deliveries, 0), { results: [result], publishes: follows });
      assert.equal(outcome.kind, 'settled');
      assertRecord((await stored(harness, [result.taskId]))[0], result);
      await nextTaker.staysAt(2, 'each following message should come once');
      assert.deepEqual(nextTaker.ids, ['a', 'b']);
    },
  },
  {
    name: 'does so whatever the verb',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 4);
      const verbs = [
        ack,
        { kind: 'requeue' },
        { kind: 'release' },
        { kind: 'park', reason: { code: 'X', text: 'x' } },
      ] as const;
      const ids = verbs.map(() => harness.name('task'));
      const outcomes = await taker.settleBatch(
        verbs.map((verb, index) =>
          settlement(at(deliveries, index), verb, {
            results: [record(ids[index] ?? '', 'STARTED', index)],
            publishes: [toQueue(next, { id: String(index) })],
          }),
        ),
      );
      assert.deepEqual(kindsOf(outcomes), ['settled', 'settled', 'settled', 'settled']);
      assert.deepEqual(
        (await stored(harness, ids)).map((result) => result?.state),
        ['STARTED', 'STARTED', 'STARTED', 'STARTED'],
      );
      await nextTaker.staysAt(4, 'each following message should come once');
    },
  },
  {
    name: 'tells watches of results that came with a settlement',
    run: async (harness) => {
      const { taker, deliveries } = await work(harness, 1);
      const result = record(harness.name('task'), 'SUCCESS', 5);
      const told: StoredResult[] = [];
      const watch = resultsOf(harness.view).watch({ listener: (one) => told.push(one) });
      await watch.add({ taskIds: [result.taskId], deadline: harness.deadline() });
      await taker.settle(ack, at(deliveries, 0), { results: [result] });
      await harness.eventually('the watch should be told', () => told.length > 0);
      assertRecord(told[0], result);
    },
  },
  {
    name: 'settles although a result is refused, since a final one is there',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const first = record(harness.name('task'), 'SUCCESS', 'first');
      await resultsOf(harness.view).put({ results: [first], deadline: harness.deadline() });
      const second = record(first.taskId, 'SUCCESS', 'second');
      const outcome = await taker.settle(ack, at(deliveries, 0), {
        results: [second],
        publishes: [toQueue(next)],
      });
      assert.equal(outcome.kind, 'settled');
      assertRecord((await stored(harness, [first.taskId]))[0], first);
      await nextTaker.reach(1);
    },
  },
  {
    name: 'commits the settlements of a batch in their order',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 3);
      const taskId = harness.name('task');
      await taker.settleBatch([
        settlement(at(deliveries, 2), ack, {
          results: [record(taskId, 'FAILURE')],
          publishes: [toQueue(next, { id: 'a' })],
        }),
        settlement(at(deliveries, 0), ack, {
          results: [record(taskId, 'RETRY')],
          publishes: [toQueue(next, { id: 'b' })],
        }),
        settlement(at(deliveries, 1), ack, {
          results: [record(taskId, 'SUCCESS', 1)],
          publishes: [toQueue(next, { id: 'c' })],
        }),
      ]);
      assertRecord((await stored(harness, [taskId]))[0], record(taskId, 'SUCCESS', 1));
      await nextTaker.reach(3);
      assert.deepEqual(nextTaker.ids, ['a', 'b', 'c']);
    },
  },
  {
    name: 'gives the outcomes of the messages that follow',
    run: async (harness) => {
      const { taker, deliveries, next } = await work(harness, 1);
      const outcome = await taker.settle(ack, at(deliveries, 0), {
        publishes: [toQueue(next), toQueue(harness.name('undeclared')), toQueue(next)],
      });
      assert.ok(outcome.kind === 'settled');
      assert.deepEqual(kindsOf(outcome.published ?? []), ['accepted', 'unroutable', 'accepted']);
    },
  },
  {
    name: 'tells of a message that follows when no queue is bound to its exchange',
    run: async (harness) => {
      const { taker, deliveries, next } = await work(harness, 2);
      const lost = { ...toQueue(next), exchange: harness.name('unbound') };
      const outcomes = await taker.settleBatch([
        settlement(at(deliveries, 0), ack, { publishes: [lost] }),
        settlement(at(deliveries, 1), ack, { publishes: [lost, lost] }),
      ]);
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.kind === 'settled' ? kindsOf(outcome.published ?? []) : [])),
        [['unroutable'], ['unroutable', 'unroutable']],
      );
    },
  },
  {
    name: 'holds a message that follows back until its time',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const notBefore = harness.clock.wallNow() + 300;
      if (harness.view.broker?.capabilities.delayedDelivery !== true) {
        await rejectsCoded(
          async () =>
            await taker.settle(ack, at(deliveries, 0), { publishes: [toQueue(next, { notBefore })] }),
          'settling with a message that is to wait',
          'LOVAGE_CAPABILITY_MISSING',
        );
        return;
      }
      const far = toQueue(next, { id: 'far', notBefore: notBefore + 3_600_000 });
      await taker.settle(ack, at(deliveries, 0), {
        publishes: [toQueue(next, { id: 'soon', notBefore }), far],
      });
      await harness.advance(350);
      await nextTaker.staysAt(1, 'the other is not due');
      assert.deepEqual(nextTaker.ids, ['soon']);
    },
  },
  {
    name: 'counts parts of a chord with settlements; exactly one is told that it is complete',
    run: async (harness) => {
      const { taker, deliveries } = await work(harness, 3);
      const group = harness.name('group');
      await openChord(harness, group, 3);
      const outcomes = await taker.settleBatch(
        [2, 0, 1].map((index) =>
          settlement(at(deliveries, index), ack, { joins: [part(group, `t${index}`, index)] }),
        ),
      );
      assert.deepEqual(kindsOf(outcomes), ['settled', 'settled', 'complete']);
      const joined = outcomes.flatMap((outcome) => (outcome.kind === 'lost' ? [] : (outcome.joined ?? [])));
      assert.deepEqual(kindsOf(joined), ['waiting', 'waiting', 'complete']);
      const complete = joined[2];
      assert.ok(complete?.kind === 'complete');
      assert.deepEqual(complete.documents.map(String), ['part t0', 'part t1', 'part t2']);
    },
  },
  {
    name: 'keeps a delivery that completes a chord until it is settled with what follows; only its results take effect before',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const group = harness.name('group');
      await openChord(harness, group, 1);
      const result = record(harness.name('task'), 'SUCCESS', 'part');
      const joins = [part(group, 't0', 0)];
      const delivery = at(deliveries, 0);
      const extras = { results: [result], publishes: [toQueue(next, { id: 'early' })], joins };
      assert.equal((await taker.settle(ack, delivery, extras)).kind, 'complete');
      assertRecord((await stored(harness, [result.taskId]))[0], result);
      assert.equal((await taker.settle(ack, delivery, extras)).kind, 'complete', 'once more');
      await nextTaker.staysAt(0, 'a message was sent before the delivery was settled');
      const after = { publishes: [toQueue(next, { id: 'body' })], closes: [group] };
      assert.equal((await taker.settle(ack, delivery, after)).kind, 'settled');
      await nextTaker.staysAt(1, 'the body should have been sent once');
      const { kind } = await resultsOf(harness.view).join({
        part: part(group, 't0', 0),
        deadline: harness.deadline(),
      });
      assert.equal(kind, 'waiting', 'the chord should be closed');
      assert.equal((await taker.settle(ack, delivery)).kind, 'lost', 'it should be settled');
    },
  },
  {
    name: 'delivers again what has completed a chord and was never settled; its part completes the chord again',
    run: async (harness) => {
      const name = await queue(harness);
      const group = harness.name('group');
      const mortal = await harness.another();
      const first = await Taker.open(harness, { queues: [name], prefetch: 1, view: mortal });
      await publish(harness, numbered(name, 1));
      const joins = [part(group, 't0', 0)];
      await openChord(harness, group, 1);
      assert.equal((await first.settle(ack, await first.nth(0), { joins })).kind, 'complete');
      await harness.crash(mortal);
      const second = await Taker.open(harness, { queues: [name], prefetch: 1 });
      const again = await second.nth(0);
      assert.equal(again.redelivered, true);
      assert.equal((await second.settle(ack, again, { joins })).kind, 'complete');
      assert.equal((await second.settle(ack, again, { closes: [group] })).kind, 'settled');
    },
  },
  {
    name: 'lets nothing of a lost settlement take effect',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const group = harness.name('group');
      const late = record(harness.name('task'), 'SUCCESS', 'late');
      const told: StoredResult[] = [];
      const watch = resultsOf(harness.view).watch({ listener: (one) => told.push(one) });
      await watch.add({ taskIds: [late.taskId], deadline: harness.deadline() });
      await openChord(harness, group, 2);
      await taker.close();
      const outcome = await taker.settle(ack, at(deliveries, 0), {
        results: [late],
        publishes: [toQueue(next)],
        joins: [part(group, 'late', 0)],
      });
      assert.equal(outcome.kind, 'lost');
      assert.deepEqual(await stored(harness, [late.taskId]), [undefined]);
      const { kind } = await resultsOf(harness.view).join({
        part: part(group, 'other', 1),
        deadline: harness.deadline(),
      });
      assert.equal(kind, 'waiting', 'the part of a lost settlement was counted');
      await nextTaker.staysAt(0, 'the message of a lost settlement was sent');
      assert.deepEqual(told, [], 'a watch was told of the result of a lost settlement');
    },
  },
  {
    name: 'lets nothing of a second settlement take effect',
    run: async (harness) => {
      const { taker, deliveries, next, nextTaker } = await work(harness, 1);
      const delivery = at(deliveries, 0);
      const result = record(harness.name('task'), 'FAILURE', 'first');
      const again = record(result.taskId, 'SUCCESS', 'second');
      const outcomes = [
        await taker.settle(ack, delivery, { results: [result], publishes: [toQueue(next, { id: 'first' })] }),
        await taker.settle(ack, delivery, { results: [again], publishes: [toQueue(next, { id: 'second' })] }),
      ];
      assert.deepEqual(kindsOf(outcomes), ['settled', 'lost']);
      assertRecord((await stored(harness, [result.taskId]))[0], result);
      await nextTaker.staysAt(1, 'the message of a lost settlement was sent');
    },
  },
];

export const atomicCases = cases.map(whereAtomic);
