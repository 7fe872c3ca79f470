import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { numbered, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { publish, queue } from './queues.js';

const purge = async (harness: Harness, name: string): Promise<number> =>
  await brokerOf(harness.view).purge({ queue: name, deadline: harness.deadline() });

/** Purging, opening and closing. */
export const upkeepCases: readonly ConformanceCase[] = [
  {
    name: 'purges what waits in a queue and tells its number',
    run: async (harness) => {
      const name = await queue(harness);
      const other = await queue(harness, 'other');
      await publish(harness, [
        ...numbered(name, 5),
        toQueue(name, { priority: 9 }),
        toQueue(other, { id: 'kept' }),
      ]);
      assert.equal(await purge(harness, name), 6);
      assert.equal(await purge(harness, name), 0);
      const taker = await Taker.open(harness, { queues: [name, other] });
      await taker.staysAt(1, 'purged messages should not be delivered');
      assert.deepEqual(taker.ids, ['kept']);
    },
  },
  {
    name: 'purges neither what is in hand nor what waits for its time',
    run: async (harness) => {
      const name = await queue(harness);
      const { delayedDelivery } = brokerOf(harness.view).capabilities;
      await publish(harness, numbered(name, 3));
      const taker = await Taker.open(harness, { queues: [name], prefetch: 1 });
      const inHand = await taker.nth(0);
      if (delayedDelivery) {
        await publish(harness, [toQueue(name, { id: 'delayed', notBefore: harness.clock.wallNow() + 500 })]);
      }
      assert.equal(await purge(harness, name), 2);
      assert.equal((await taker.settle({ kind: 'requeue' }, inHand)).kind, 'settled');
      const again = await taker.nth(1);
      assert.deepEqual(taker.ids, ['0', '0']);
      await taker.settle({ kind: 'ack' }, again);
      await harness.advance(550);
      await taker.staysAt(delayedDelivery ? 3 : 2, 'only the delayed message should come');
    },
  },
  {
    name: 'delivers what is published after a purge',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 40));
      await purge(harness, name);
      await publish(harness, numbered(name, 3, 100));
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(3, 'purged messages should not be delivered');
      assert.deepEqual(taker.ids, ['100', '101', '102']);
    },
  },
  {
    name: 'says the same of itself in every process, and shows no credentials',
    run: async (harness) => {
      const [one, two] = [brokerOf(harness.view), brokerOf(await harness.another())];
      assert.equal(one.storeId, two.storeId);
      assert.deepEqual(one.capabilities, two.capabilities);
      assert.doesNotMatch(one.address, /@.*@|:[^/@]*@/);
    },
  },
  {
    name: 'takes a second open',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, [toQueue(name)]);
      await brokerOf(harness.view).open({ deadline: harness.deadline() });
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(1);
    },
  },
  {
    name: 'takes a second close, also while the first goes on',
    run: async (harness) => {
      const name = await queue(harness);
      const closing = await harness.another();
      await Taker.open(harness, { queues: [name], view: closing });
      const broker = brokerOf(closing);
      await Promise.all([
        broker.close({ deadline: harness.deadline() }),
        broker.close({ deadline: harness.deadline() }),
      ]);
      await broker.close({ deadline: harness.deadline() });
      await publish(harness, [toQueue(name)]);
    },
  },
  {
    name: 'refuses everything after close with a coded error',
    run: async (harness) => {
      const name = await queue(harness);
      const closing = await harness.another();
      const broker = brokerOf(closing);
      const taker = await Taker.open(harness, { queues: [name], view: closing });
      await publish(harness, [toQueue(name)]);
      const delivery = await taker.nth(0);
      await broker.close({ deadline: harness.deadline() });
      const deadline = harness.deadline();
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        declare: async () => await broker.declare({ topology: { queues: [{ name }] }, deadline }),
        publish: async () => await broker.publish({ publications: [toQueue(name)], deadline }),
        settle: async () => await taker.settle({ kind: 'ack' }, delivery),
        purge: async () => await broker.purge({ queue: name, deadline }),
        consume: async () =>
          await broker.consume({
            consumerId: randomUUID(),
            queues: [name],
            prefetch: 1,
            onDeliveries: () => undefined,
            onLost: () => undefined,
            deadline,
          }),
      };
      for (const [call, run] of Object.entries(calls)) await rejectsCoded(run, `${call} after close`);
      const next = await Taker.open(harness, { queues: [name] });
      await next.staysAt(1, 'nothing of a refused call should take effect');
    },
  },
];
