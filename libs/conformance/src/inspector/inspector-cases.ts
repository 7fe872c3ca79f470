import assert from 'node:assert/strict';
import type { InspectedMessage, MessagePlace, QueueInfo } from '@lovage/core';
import { declare, publish, queue } from '../broker/queues.js';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness, inspectorOf } from '../harness.js';
import { assertSameMessage, idOf, numbered, sampleMessage, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';

const hourMs = 3_600_000;
const reason = { code: 'LOVAGE_TASK_UNKNOWN', text: 'no task "mail.sned" in this worker' };

async function info(harness: Harness, name: string): Promise<QueueInfo | undefined> {
  const queues = await inspectorOf(harness.view).queues({ deadline: harness.deadline() });
  return queues.find((one) => one.name === name);
}

/** Waits until the numbers of a queue are as expected: some technologies count with a delay. */
async function shows(harness: Harness, name: string, expected: Partial<QueueInfo>): Promise<void> {
  let seen: QueueInfo | undefined;
  await harness
    .eventually('', async () => {
      seen = await info(harness, name);
      return Object.entries(expected).every(([key, value]) => seen?.[key as keyof QueueInfo] === value);
    })
    .catch(() =>
      assert.fail(`the queue should show ${JSON.stringify(expected)}, it shows ${JSON.stringify(seen)}`),
    );
}

/** All messages of a place, page by page. */
async function all(
  harness: Harness,
  name: string,
  place: MessagePlace,
  limit = 100,
): Promise<readonly InspectedMessage[]> {
  const found: InspectedMessage[] = [];
  let cursor: string | undefined;
  do {
    const page = await inspectorOf(harness.view).messages({
      queue: name,
      place,
      limit,
      cursor,
      deadline: harness.deadline(),
    });
    assert.ok(page.messages.length <= limit, `a page of ${limit} holds ${page.messages.length}`);
    found.push(...page.messages);
    cursor = page.cursor;
    assert.ok(found.length <= 10_000, 'paging does not end');
  } while (cursor !== undefined);
  return found;
}

const ids = (messages: readonly InspectedMessage[]): readonly string[] => messages.map(idOf);

/** Whether messages can wait for their time, and be seen then. */
function showsDelayed({ view }: Harness): boolean {
  return brokerOf(view).capabilities.delayedDelivery && inspectorOf(view).places.includes('delayed');
}

/** A queue with messages in all places: 4 wait, 2 are in hand, 1 is parked, and 3 wait for their time where the broker can. */
async function everywhere(
  harness: Harness,
): Promise<{ readonly name: string; readonly taker: Taker; readonly delayed: number }> {
  const name = await queue(harness);
  const delayedDelivery = showsDelayed(harness);
  await publish(harness, numbered(name, 7));
  if (delayedDelivery) {
    const start = harness.clock.wallNow() + hourMs;
    await publish(
      harness,
      [300, 100, 200].map((ms) => toQueue(name, { id: `delayed-${ms}`, notBefore: start + ms })),
    );
  }
  const taker = await Taker.open(harness, { queues: [name], prefetch: 3 });
  await taker.reach(3);
  taker.consumer.setPrefetch(2);
  await taker.settle({ kind: 'park', reason }, await taker.nth(0));
  return { name, taker, delayed: delayedDelivery ? 3 : 0 };
}

const places: readonly MessagePlace[] = ['ready', 'delayed', 'unsettled', 'parked'];

export const inspectorCases: readonly ConformanceCase[] = [
  {
    name: 'counts the messages of a queue by their places, and its consumers',
    run: async (harness) => {
      const { name, delayed } = await everywhere(harness);
      await shows(harness, name, { ready: 4, delayed, unsettled: 2, parked: 1, consumers: 1 });
    },
  },
  {
    name: 'shows an empty queue with zeros, and follows what happens to it',
    run: async (harness) => {
      const name = await queue(harness);
      await shows(harness, name, { ready: 0, delayed: 0, unsettled: 0, parked: 0, consumers: 0 });
      await publish(harness, numbered(name, 2));
      await shows(harness, name, { ready: 2 });
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(2);
      await shows(harness, name, { ready: 0, unsettled: 2, consumers: 1 });
      await taker.settle({ kind: 'ack' }, await taker.nth(0));
      await shows(harness, name, { ready: 0, unsettled: 1 });
      await taker.close();
      await shows(harness, name, { ready: 1, unsettled: 0, consumers: 0 });
      await brokerOf(harness.view).purge({ queue: name, deadline: harness.deadline() });
      await shows(harness, name, { ready: 0 });
    },
  },
  {
    name: 'lists the declared queues, each once, ordered by name',
    run: async (harness) => {
      const names = ['b', 'a', 'c'].map((stem) => harness.name(stem));
      await declare(harness, { queues: names.map((name) => ({ name })) });
      await declare(harness, { queues: names.map((name) => ({ name })) });
      let listed: readonly string[] = [];
      await harness.eventually('all three queues should be listed', async () => {
        const queues = await inspectorOf(harness.view).queues({ deadline: harness.deadline() });
        listed = queues.map(({ name }) => name);
        return names.every((name) => listed.includes(name));
      });
      assert.deepEqual(
        listed.filter((name) => names.includes(name)),
        names.toSorted(),
      );
      assert.deepEqual(listed, listed.toSorted());
    },
  },
  {
    name: 'shows the messages of each place in the order of delivery, with what is known of them',
    run: async (harness) => {
      const { name, delayed } = await everywhere(harness);
      await shows(harness, name, { ready: 4, unsettled: 2, parked: 1 });
      const [ready, waiting, unsettled, parked] = await Promise.all(
        places.map(async (place) => await all(harness, name, place)),
      );
      assert.ok(ready && waiting && unsettled && parked);
      assert.deepEqual(ids(ready), ['3', '4', '5', '6']);
      assert.deepEqual(ids(unsettled), ['1', '2']);
      assert.deepEqual(ids(parked), ['0']);
      assert.deepEqual(ids(waiting), delayed === 0 ? [] : ['delayed-100', 'delayed-200', 'delayed-300']);
      for (const [index, messages] of [ready, waiting, unsettled, parked].entries()) {
        for (const one of messages) assert.deepEqual([one.queue, one.place], [name, places[index]]);
      }
      assert.deepEqual(
        ready.map(({ deliveries }) => deliveries),
        [0, 0, 0, 0],
      );
      assert.deepEqual(
        unsettled.map(({ deliveries }) => deliveries),
        [1, 1],
      );
      assert.deepEqual([parked[0]?.deliveries, parked[0]?.reason], [1, reason]);
      for (const one of waiting) {
        assert.ok(
          (one.notBefore ?? 0) >= harness.clock.wallNow() + hourMs / 2,
          'a delayed message should show its time',
        );
      }
    },
  },
  {
    name: 'shows messages as they were published',
    run: async (harness) => {
      const name = await queue(harness);
      const message = sampleMessage({
        body: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        priority: 6,
      });
      await publish(harness, [toQueue(name, { message })]);
      await shows(harness, name, { ready: 1 });
      const [seen] = await all(harness, name, 'ready');
      assert.ok(seen !== undefined);
      assertSameMessage(seen.message, message);
    },
  },
  {
    name: 'counts the deliveries of messages that wait again',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 1));
      const taker = await Taker.open(harness, { queues: [name], prefetch: 1 });
      for (const index of [0, 1]) await taker.settle({ kind: 'requeue' }, await taker.nth(index));
      await taker.nth(2);
      await taker.close();
      await shows(harness, name, { ready: 1 });
      assert.deepEqual(
        (await all(harness, name, 'ready')).map(({ deliveries }) => deliveries),
        [3],
      );
    },
  },
  {
    name: 'pages through a place, each message once, at most the limit a page',
    run: async (harness) => {
      const name = await queue(harness);
      const delayedDelivery = showsDelayed(harness);
      const notBefore = harness.clock.wallNow() + hourMs;
      await publish(harness, numbered(name, 40));
      // Several of one time, so that a page can not tell its end by the time alone.
      if (delayedDelivery) {
        await publish(
          harness,
          Array.from({ length: 10 }, (_, index) =>
            toQueue(name, { id: `d${index}`, notBefore: notBefore + (index >> 2) }),
          ),
        );
      }
      const taker = await Taker.open(harness, { queues: [name], prefetch: 20 });
      await taker.reach(20);
      taker.consumer.setPrefetch(10);
      for (const delivery of taker.deliveries.slice(0, 10))
        await taker.settle({ kind: 'park', reason }, delivery);
      await shows(harness, name, { ready: 20, unsettled: 10, parked: 10, delayed: delayedDelivery ? 10 : 0 });
      for (const place of places) {
        const whole = ids(await all(harness, name, place, 100));
        const [size, delayedSize] = [place === 'ready' ? 20 : 10, delayedDelivery ? 10 : 0];
        assert.equal(whole.length, place === 'delayed' ? delayedSize : size, `all that is ${place}`);
        assert.equal(new Set(whole).size, whole.length);
        for (const limit of [1, 3, 5, 20, 1000])
          assert.deepEqual(ids(await all(harness, name, place, limit)), whole, `${place}, pages of ${limit}`);
      }
    },
  },
  {
    name: 'refuses pages of another size than 1 to 1,000 with a coded error',
    run: async (harness) => {
      const name = await queue(harness);
      for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
        await rejectsCoded(
          async () =>
            await inspectorOf(harness.view).messages({
              queue: name,
              place: 'ready',
              limit,
              deadline: harness.deadline(),
            }),
          `a page of ${limit}`,
        );
      }
    },
  },
  {
    name: 'changes nothing by looking',
    run: async (harness) => {
      const { name, taker, delayed } = await everywhere(harness);
      for (let round = 0; round < 3; round += 1) {
        for (const place of places) await all(harness, name, place, 2);
        await inspectorOf(harness.view).queues({ deadline: harness.deadline() });
      }
      await shows(harness, name, { ready: 4, delayed, unsettled: 2, parked: 1, consumers: 1 });
      await taker.staysAt(3, 'looking should deliver nothing');
      for (const index of [1, 2])
        assert.equal((await taker.settle({ kind: 'ack' }, await taker.nth(index))).kind, 'settled');
      taker.consumer.setPrefetch(10);
      await taker.staysAt(7, 'looking should delete nothing');
      assert.deepEqual(taker.ids.slice(3), ['3', '4', '5', '6']);
      for (const { deliveries, redelivered } of taker.deliveries)
        assert.deepEqual([deliveries, redelivered], [1, false]);
    },
  },
  {
    name: 'lets nobody change what is in the store through what it shows',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, [toQueue(name, { id: 'original' })]);
      await shows(harness, name, { ready: 1 });
      const [seen] = await all(harness, name, 'ready');
      assert.ok(seen !== undefined);
      try {
        (seen.message.headers as Record<string, unknown>)['id'] = 'changed';
      } catch {
        // Frozen.
      }
      const taker = await Taker.open(harness, { queues: [name] });
      assert.equal(idOf(await taker.nth(0)), 'original');
    },
  },
  {
    name: 'takes a second open and a second close, and refuses everything after close with a coded error',
    run: async (harness) => {
      const name = await queue(harness);
      const inspector = inspectorOf(await harness.another());
      const deadline = harness.deadline();
      await inspector.open({ deadline });
      await Promise.all([inspector.close({ deadline }), inspector.close({ deadline })]);
      await inspector.close({ deadline });
      await rejectsCoded(async () => await inspector.queues({ deadline }), 'queues after close');
      await rejectsCoded(
        async () => await inspector.messages({ queue: name, place: 'ready', limit: 1, deadline }),
        'messages after close',
      );
    },
  },
];
