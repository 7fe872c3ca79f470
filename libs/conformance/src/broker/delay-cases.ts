import assert from 'node:assert/strict';
import type { Delivery } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { idOf, idsOf, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { declare, kindsOf, publish, queue } from './queues.js';

const hourMs = 3_600_000;

/** A case for brokers that can hold messages back; the others must refuse one that is to wait. */
const whereDelayed = ({ name, run }: ConformanceCase): ConformanceCase => ({
  name,
  run: async (harness) => {
    if (brokerOf(harness.view).capabilities.delayedDelivery) {
      await run(harness);
      return;
    }
    const target = await queue(harness);
    const waiting = toQueue(target, { notBefore: harness.clock.wallNow() + hourMs });
    await rejectsCoded(
      async () => await publish(harness, [waiting]),
      'publishing with notBefore',
      'LOVAGE_CAPABILITY_MISSING',
    );
    await publish(harness, [toQueue(target)]);
    const taker = await Taker.open(harness, { queues: [target] });
    const delivery = await taker.nth(0);
    await rejectsCoded(
      async () => await taker.settle({ kind: 'requeue', delayMs: hourMs }, delivery),
      'requeuing with a delay',
      'LOVAGE_CAPABILITY_MISSING',
    );
    assert.equal(
      (await taker.settle({ kind: 'ack' }, delivery)).kind,
      'settled',
      'nothing should have taken effect before',
    );
  },
});

interface Arrivals {
  readonly taker: Taker;
  /** When each message came, by its id. */
  readonly at: ReadonlyMap<string, number>;
}

/** A consumer that notes the time of each arrival. */
async function arrivals(harness: Harness, queues: readonly string[], prefetch = 1000): Promise<Arrivals> {
  const at = new Map<string, number>();
  const taker = await Taker.open(harness, {
    queues,
    prefetch,
    onDeliveries: (deliveries, own) => {
      for (const delivery of deliveries) at.set(idOf(delivery), harness.clock.wallNow());
      void own.settleAll({ kind: 'ack' }, deliveries);
    },
  });
  return { taker, at };
}

function assertNotEarly(at: ReadonlyMap<string, number>, id: string, notBefore: number): void {
  const arrived = at.get(id);
  assert.ok(arrived !== undefined, `message ${id} did not come`);
  assert.ok(arrived >= notBefore, `message ${id} came ${notBefore - arrived} ms too early`);
}

const cases: readonly ConformanceCase[] = [
  {
    name: 'holds a message back until its time, then delivers it once',
    run: async (harness) => {
      const name = await queue(harness);
      const { taker, at } = await arrivals(harness, [name]);
      const soon = harness.clock.wallNow() + 300;
      const outcomes = await publish(harness, [
        toQueue(name, { id: 'soon', notBefore: soon }),
        toQueue(name, { id: 'late', notBefore: harness.clock.wallNow() + hourMs }),
      ]);
      assert.deepEqual(kindsOf(outcomes), ['accepted', 'accepted']);
      await harness.advance(350);
      await taker.staysAt(1, 'it should come once, and the other not before its time');
      assert.deepEqual(taker.ids, ['soon']);
      assertNotEarly(at, 'soon', soon);
      assert.equal((await taker.nth(0)).deliveries, 1);
      assert.equal((await taker.nth(0)).redelivered, false);
    },
  },
  {
    name: 'delivers at once what was due in the past',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name] });
      await publish(harness, [
        toQueue(name, { id: 'yesterday', notBefore: harness.clock.wallNow() - 24 * hourMs }),
        toQueue(name, { id: 'long ago', notBefore: 0 }),
      ]);
      await taker.staysAt(2, 'each should come once');
    },
  },
  {
    name: 'delivers delayed messages in the order of their times',
    run: async (harness) => {
      const name = await queue(harness);
      const { taker, at } = await arrivals(harness, [name]);
      const start = harness.clock.wallNow();
      // Far enough apart for a machine that has much else to do.
      const delays = [1500, 500, 2000, 1000];
      await publish(
        harness,
        delays.map((delayMs) => toQueue(name, { id: String(delayMs), notBefore: start + delayMs })),
      );
      await harness.advance(2050);
      await taker.reach(4);
      assert.deepEqual(taker.ids, ['500', '1000', '1500', '2000']);
      for (const delayMs of delays) assertNotEarly(at, String(delayMs), start + delayMs);
    },
  },
  {
    name: 'delivers many messages that are due at one instant, each once',
    run: async (harness) => {
      const name = await queue(harness);
      const { taker } = await arrivals(harness, [name], 50);
      const notBefore = harness.clock.wallNow() + 300;
      await publish(
        harness,
        Array.from({ length: 500 }, (_, index) => toQueue(name, { id: String(index), notBefore })),
      );
      await harness.advance(350);
      await taker.staysAt(500, 'each should come once');
      assert.equal(new Set(taker.ids).size, 500);
    },
  },
  {
    name: 'holds a message for thousands of years',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name] });
      const outcomes = await publish(harness, [
        toQueue(name, { id: 'far', notBefore: Date.UTC(9999, 11, 31) }),
        toQueue(name, { id: 'now' }),
      ]);
      assert.deepEqual(kindsOf(outcomes), ['accepted', 'accepted']);
      await harness.advance(100);
      await taker.staysAt(1, 'only the other should come');
      assert.deepEqual(taker.ids, ['now']);
    },
  },
  {
    name: 'takes no place in the prefetch with a message that waits for its time',
    run: async (harness) => {
      const name = await queue(harness);
      const { taker } = await arrivals(harness, [name], 1);
      const notBefore = harness.clock.wallNow() + hourMs;
      await publish(harness, [
        toQueue(name, { notBefore }),
        toQueue(name, { notBefore }),
        toQueue(name, { id: 'now' }),
      ]);
      await taker.staysAt(1, 'those that wait should not come');
      assert.deepEqual(taker.ids, ['now']);
    },
  },
  {
    name: 'delivers a delayed message to who consumes when it is due',
    run: async (harness) => {
      const name = await queue(harness);
      const publisher = await harness.another();
      await publish(
        harness,
        [toQueue(name, { id: 'kept', notBefore: harness.clock.wallNow() + 300 })],
        publisher,
      );
      await harness.crash(publisher);
      await harness.advance(350);
      const taker = await Taker.open(harness, { queues: [name], view: await harness.another() });
      await taker.staysAt(1, 'it should come once');
    },
  },
  {
    name: 'holds back the copies of a message in all queues that it was routed to',
    run: async (harness) => {
      const exchange = harness.name('fanout');
      const names = [harness.name('left'), harness.name('right')];
      await declare(harness, {
        exchanges: [{ name: exchange, type: 'fanout' }],
        queues: names.map((name) => ({ name })),
        bindings: names.map((name) => ({ queue: name, exchange, routingKey: '' })),
      });
      const takers = await Promise.all(
        names.map(async (name) => await Taker.open(harness, { queues: [name] })),
      );
      const notBefore = harness.clock.wallNow() + 300;
      await publish(harness, [{ ...toQueue('any', { id: 'x', notBefore }), exchange }]);
      await harness.advance(350);
      for (const taker of takers) await taker.staysAt(1, 'each queue should get one copy');
    },
  },
  {
    name: 'requeues with a delay: not before its time, counted, marked as delivered before',
    run: async (harness) => {
      const name = await queue(harness);
      const seen: { readonly delivery: Delivery; readonly at: number }[] = [];
      const taker = await Taker.open(harness, {
        queues: [name],
        onDeliveries: (deliveries) => {
          for (const delivery of deliveries) seen.push({ delivery, at: harness.clock.wallNow() });
        },
      });
      await publish(harness, [toQueue(name, { id: 'again' })]);
      const first = await taker.nth(0);
      const notBefore = harness.clock.wallNow() + 300;
      assert.equal((await taker.settle({ kind: 'requeue', delayMs: 300 }, first)).kind, 'settled');
      await publish(harness, [toQueue(name, { id: 'other' })]);
      await taker.reach(2);
      assert.deepEqual(idsOf(taker.deliveries), ['again', 'other'], 'others should pass it while it waits');
      await harness.advance(350);
      await taker.staysAt(3, 'it should come back once');
      const back = seen[2];
      assert.ok(back !== undefined);
      assert.ok(back.at >= notBefore, `it came back ${notBefore - back.at} ms too early`);
      assert.deepEqual(
        [idOf(back.delivery), back.delivery.deliveries, back.delivery.redelivered],
        ['again', 2, true],
      );
    },
  },
];

export const delayCases = cases.map(whereDelayed);
