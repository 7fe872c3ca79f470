import assert from 'node:assert/strict';
import type { Delivery } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf } from '../harness.js';
import { numbered, toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { kindsOf, publish, queue } from './queues.js';

const ack = { kind: 'ack' } as const;
const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted();
const counts = (deliveries: readonly Delivery[]): readonly unknown[] =>
  deliveries.map(({ deliveries: count, redelivered }) => [count, redelivered]);

export const claimCases: readonly ConformanceCase[] = [
  {
    name: 'gives what a closed consumer had in hand to others, counted and marked as delivered before',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 3));
      const first = await Taker.open(harness, { queues: [name] });
      await first.reach(3);
      await first.close();
      const second = await Taker.open(harness, { queues: [name] });
      await second.staysAt(3, 'each should come back once');
      assert.deepEqual(sorted(second.ids), ['0', '1', '2']);
      assert.deepEqual(
        counts(second.deliveries),
        Array.from({ length: 3 }, () => [2, true]),
      );
    },
  },
  {
    name: 'does not mark what a closed consumer was never handed',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 3));
      const first = await Taker.open(harness, { queues: [name], prefetch: 1 });
      await first.nth(0);
      await first.close();
      const second = await Taker.open(harness, { queues: [name] });
      await second.reach(3);
      const unseen = second.deliveries.filter(({ message }) => message.headers['id'] !== '0');
      assert.deepEqual(counts(unseen), [
        [1, false],
        [1, false],
      ]);
    },
  },
  {
    name: 'gives what a closed consumer had in hand to one that was waiting',
    run: async (harness) => {
      const name = await queue(harness);
      const first = await Taker.open(harness, { queues: [name] });
      await publish(harness, numbered(name, 2));
      await first.reach(2);
      const second = await Taker.open(harness, { queues: [name], view: await harness.another() });
      await second.staysAt(0, 'all is in hand of the other');
      await first.close();
      await second.reach(2);
      assert.deepEqual(counts(second.deliveries), [
        [2, true],
        [2, true],
      ]);
    },
  },
  {
    name: 'finds settlements lost after the consumer has closed',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 2));
      const first = await Taker.open(harness, { queues: [name] });
      const [one, two] = await first.reach(2);
      assert.ok(one && two);
      assert.equal((await first.settle(ack, one)).kind, 'settled');
      await first.close();
      assert.deepEqual(kindsOf(await first.settleAll(ack, [one, two])), ['lost', 'lost']);
      const second = await Taker.open(harness, { queues: [name] });
      await second.staysAt(1, 'only the unsettled one should come back');
      assert.deepEqual(second.ids, ['1']);
    },
  },
  {
    name: 'delivers nothing to a closed consumer',
    run: async (harness) => {
      const name = await queue(harness);
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.close();
      await publish(harness, numbered(name, 2));
      await taker.staysAt(0, 'it was closed');
    },
  },
  {
    name: 'takes a second close of a consumer',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 2));
      const first = await Taker.open(harness, { queues: [name] });
      await first.reach(2);
      await Promise.all([first.close(), first.close()]);
      await first.close();
      const second = await Taker.open(harness, { queues: [name] });
      await second.staysAt(2, 'each should come back once');
      assert.deepEqual(counts(second.deliveries), [
        [2, true],
        [2, true],
      ]);
    },
  },
  {
    name: 'leaves the consumers of a broker alone when one of them closes',
    run: async (harness) => {
      const name = await queue(harness);
      const other = await queue(harness, 'other');
      const stays = await Taker.open(harness, { queues: [other] });
      await publish(harness, [toQueue(other, { id: 'kept' })]);
      const kept = await stays.nth(0);
      const goes = await Taker.open(harness, { queues: [name] });
      await goes.close();
      await publish(harness, [toQueue(other, { id: 'more' })]);
      await stays.staysAt(2, 'its deliveries should neither stop nor come again');
      assert.equal((await stays.settle(ack, kept)).kind, 'settled');
    },
  },
  {
    name: 'gives what the consumers of a closed broker had in hand to others',
    run: async (harness) => {
      const name = await queue(harness);
      const closing = await harness.another();
      const first = await Taker.open(harness, { queues: [name], view: closing });
      await publish(harness, numbered(name, 3));
      await first.reach(3);
      await brokerOf(closing).close({ deadline: harness.deadline() });
      const second = await Taker.open(harness, { queues: [name] });
      await second.staysAt(3, 'each should come back once');
      assert.deepEqual(
        counts(second.deliveries),
        Array.from({ length: 3 }, () => [2, true]),
      );
    },
  },
  {
    name: 'gives what a killed process had in hand to others, counted and marked as delivered before',
    run: async (harness) => {
      const name = await queue(harness);
      const killed = await harness.another();
      const first = await Taker.open(harness, { queues: [name], view: killed });
      await publish(harness, numbered(name, 3));
      const [done] = await first.reach(3);
      assert.ok(done);
      await first.settle({ kind: 'ack', certain: true }, done);
      await harness.crash(killed);
      const second = await Taker.open(harness, { queues: [name] });
      await second.staysAt(2, 'each of the unsettled should come back once');
      assert.deepEqual(sorted(second.ids), ['1', '2']);
      assert.deepEqual(counts(second.deliveries), [
        [2, true],
        [2, true],
      ]);
    },
  },
  {
    name: 'tells a living consumer what it has lost, gives it to others and refuses its settlement',
    run: async (harness) => {
      const name = await queue(harness);
      await publish(harness, numbered(name, 2));
      const loser = await harness.another();
      const first = await Taker.open(harness, { queues: [name], view: loser, prefetch: 2 });
      const inHand = [...(await first.reach(2))];
      if ((await harness.loseClaims(loser)) === 'impossible') {
        await harness.quiet();
        assert.deepEqual(first.lost, []);
        assert.deepEqual(kindsOf(await first.settleAll(ack, inHand)), ['settled', 'settled']);
        return;
      }
      await harness.eventually('the consumer should be told what it has lost', () => first.lost.length >= 2);
      assert.deepEqual(
        new Set(first.lost),
        new Set(inHand),
        'it should be told of the very objects that it was handed',
      );
      assert.deepEqual(kindsOf(await first.settleAll(ack, inHand)), ['lost', 'lost']);
      await first.close();
      const second = await Taker.open(harness, { queues: [name] });
      await second.reach(2);
      for (const { redelivered } of second.deliveries) assert.equal(redelivered, true);
    },
  },
  {
    name: 'says of a revoked task that it is revoked, or that it can not tell',
    run: async (harness) => {
      const { broker, ledger } = harness.view;
      const name = await queue(harness);
      const revoked = harness.name('revoked');
      const mayTell = ledger?.storeId === broker?.storeId;
      await ledger?.revoke({
        revocations: [{ taskId: revoked, terminate: false }],
        ttlMs: 3_600_000,
        deadline: harness.deadline(),
      });
      await publish(harness, [toQueue(name, { id: revoked }), toQueue(name, { id: 'other' })]);
      const taker = await Taker.open(harness, { queues: [name] });
      const [first, second] = await taker.reach(2);
      assert.ok(first && second);
      if (mayTell) assert.notEqual(first.revoked, false);
      assert.notEqual(second.revoked, true);
    },
  },
];
