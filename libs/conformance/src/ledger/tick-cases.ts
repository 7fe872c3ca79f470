import assert from 'node:assert/strict';
import type { Driver, Lease, LedgerChange, LedgerRecord, Tick } from '@lovage/core';
import { publish } from '../broker/queues.js';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness, ledgerOf } from '../harness.js';
import { toQueue } from '../sample-message.js';
import { Taker } from '../taker.js';
import { lease } from './lease-cases.js';
import { putRecord } from './record-cases.js';

/** A queue for what ticks send, where messages and facts are kept in one store. */
async function target(harness: Harness): Promise<string | undefined> {
  const { broker, ledger } = harness.view;
  if (broker === undefined || broker.storeId !== ledger?.storeId) return undefined;
  const name = harness.name('ticks');
  await broker.declare({ topology: { queues: [{ name }] }, deadline: harness.deadline() });
  return name;
}

const tick = (leader: Lease, queueName: string | undefined, parts: Partial<Tick> = {}): Tick => ({
  schedule: 'every minute',
  dueMs: Date.UTC(2026, 0, 1, 0, 1),
  lease: leader,
  ttlMs: 3_600_000,
  ...parts,
  publication: queueName === undefined ? undefined : (parts.publication ?? toQueue(queueName)),
});

async function recordTick(harness: Harness, one: Tick, view: Driver = harness.view): Promise<string> {
  return (await ledgerOf(view).recordTick({ tick: one, deadline: harness.deadline() })).kind;
}

/** What ticks have stored. */
async function runs(harness: Harness): Promise<readonly LedgerRecord[]> {
  return await ledgerOf(harness.view).records({ kind: 'run', limit: 10, deadline: harness.deadline() });
}

/** Checks how many messages the ticks have sent, where they can send together with the record. */
async function assertSent(
  harness: Harness,
  queueName: string | undefined,
  ids: readonly string[],
): Promise<void> {
  if (queueName === undefined) return;
  const taker = await Taker.open(harness, { queues: [queueName] });
  await taker.staysAt(ids.length, 'a tick should send its message once');
  assert.deepEqual(taker.ids, ids);
  await taker.close();
}

export const tickCases: readonly ConformanceCase[] = [
  {
    name: 'records a tick once and sends its message once',
    run: async (harness) => {
      const name = await target(harness);
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const one = tick(leader, name, { publication: toQueue(name ?? '', { id: 'tick' }) });
      assert.equal(await recordTick(harness, one), 'recorded');
      assert.equal(await recordTick(harness, one), 'already-recorded');
      assert.equal(await recordTick(harness, one, await harness.another()), 'already-recorded');
      await assertSent(harness, name, ['tick']);
    },
  },
  {
    name: 'tells ticks apart by schedule and by time',
    run: async (harness) => {
      const name = await target(harness);
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const dueMs = Date.UTC(2026, 0, 1);
      const ticks = [
        { schedule: 's', dueMs },
        { schedule: 's', dueMs: dueMs + 1 },
        { schedule: 't', dueMs },
        { schedule: `${dueMs} s`, dueMs },
        { schedule: `s:${dueMs}`, dueMs },
        { schedule: '*', dueMs },
      ];
      for (const [index, parts] of ticks.entries()) {
        const one = tick(leader, name, { ...parts, publication: toQueue(name ?? '', { id: String(index) }) });
        assert.equal(await recordTick(harness, one), 'recorded', `tick ${index}`);
      }
      await assertSent(
        harness,
        name,
        ticks.map((_, index) => String(index)),
      );
    },
  },
  {
    name: 'records a tick for one of many who report it at once',
    run: async (harness) => {
      const name = await target(harness);
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const views = [harness.view, await harness.another(), await harness.another()];
      const outcomes = await Promise.all(
        Array.from(
          { length: 12 },
          async (_, index) => await recordTick(harness, tick(leader, name), views[index % 3]),
        ),
      );
      assert.equal(outcomes.filter((kind) => kind === 'recorded').length, 1);
      assert.equal(outcomes.filter((kind) => kind === 'already-recorded').length, 11);
      if (name === undefined) return;
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.staysAt(1, 'a tick should send its message once');
    },
  },
  {
    name: 'refuses a tick of a leader that was replaced, and sends nothing',
    run: async (harness) => {
      const name = await target(harness);
      const ledger = ledgerOf(harness.view);
      const old = await lease(harness, { name: 'beat', owner: 'a' });
      await ledger.release({ lease: old, deadline: harness.deadline() });
      const next = await lease(harness, { name: 'beat', owner: 'b' });
      assert.equal(await recordTick(harness, tick(old, name)), 'stale-leader');
      assert.equal(await recordTick(harness, tick({ ...old, owner: 'b' }, name)), 'stale-leader');
      assert.equal(await recordTick(harness, tick({ ...next, owner: 'c' }, name)), 'stale-leader');
      await assertSent(harness, name, []);
      assert.equal(
        await recordTick(harness, tick(next, name)),
        'recorded',
        'what was refused should not be recorded',
      );
    },
  },
  {
    name: 'refuses a tick of a leader whose lease has expired or was released',
    run: async (harness) => {
      const name = await target(harness);
      const expired = await lease(harness, { name: 'short', owner: 'a', ttlMs: 300 });
      const released = await lease(harness, { name: 'given back', owner: 'a' });
      await ledgerOf(harness.view).release({ lease: released, deadline: harness.deadline() });
      await harness.advance(400);
      await harness.eventually(
        'the tick of an expired leader should be refused',
        async () =>
          (await recordTick(harness, tick(expired, name, { dueMs: harness.clock.wallNow() }))) ===
          'stale-leader',
      );
      assert.equal(await recordTick(harness, tick(released, name, { dueMs: 1 })), 'stale-leader');
    },
  },
  {
    name: 'says that the message of a tick has no queue, and records nothing',
    run: async (harness) => {
      const name = await target(harness);
      if (name === undefined) return;
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const nowhere = tick(leader, harness.name('nowhere'), {
        record: { kind: 'run', id: 's', value: '{}' },
      });
      assert.equal(await recordTick(harness, nowhere), 'unroutable');
      assert.deepEqual(await runs(harness), []);
      assert.equal(await recordTick(harness, tick(leader, name)), 'recorded');
    },
  },
  {
    name: 'stores the record of a tick with it, whatever version is there',
    run: async (harness) => {
      const name = await target(harness);
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const told: LedgerChange[] = [];
      const end = ledgerOf(harness.view).watch({ listener: (change) => told.push(change) });
      await harness.quiet();
      const one = (dueMs: number, value: string): Tick =>
        tick(leader, name, { dueMs, record: { kind: 'run', id: 's', value } });
      assert.equal(await recordTick(harness, one(1, 'first')), 'recorded');
      assert.deepEqual(await runs(harness), [{ kind: 'run', id: 's', version: 1, value: 'first' }]);
      assert.equal(await recordTick(harness, one(2, 'second')), 'recorded');
      assert.equal(await recordTick(harness, one(2, 'again')), 'already-recorded');
      assert.equal(
        await recordTick(harness, { ...one(3, 'stale'), lease: { ...leader, owner: 'b' } }),
        'stale-leader',
      );
      assert.deepEqual(await runs(harness), [{ kind: 'run', id: 's', version: 2, value: 'second' }]);
      await putRecord(harness, { id: 'told', value: '{}', expectedVersion: 0 });
      await harness.eventually('the watch should be told of a change', () => told.length > 0);
      assert.deepEqual(told, [{ kind: 'record', recordKind: 'schedule', id: 'told' }]);
      end();
    },
  },
  {
    name: 'records a tick that sends nothing',
    run: async (harness) => {
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const silent = { ...tick(leader, undefined), publication: undefined };
      assert.equal(await recordTick(harness, silent), 'recorded');
      assert.equal(await recordTick(harness, silent), 'already-recorded');
    },
  },
  {
    name: 'holds the message of a tick back until its time',
    run: async (harness) => {
      const name = await target(harness);
      if (name === undefined || !brokerOf(harness.view).capabilities.delayedDelivery) return;
      const leader = await lease(harness, { name: 'beat', owner: 'a' });
      const publication = toQueue(name, { id: 'later', notBefore: harness.clock.wallNow() + 300 });
      assert.equal(await recordTick(harness, tick(leader, name, { publication })), 'recorded');
      await publish(harness, [toQueue(name, { id: 'now' })]);
      const taker = await Taker.open(harness, { queues: [name] });
      await taker.reach(1);
      assert.deepEqual(taker.ids, ['now']);
      await harness.advance(350);
      await taker.staysAt(2, 'it should come once');
    },
  },
];
