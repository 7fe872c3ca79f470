import assert from 'node:assert/strict';
import type { Driver, Lease, LeaseOutcome } from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, ledgerOf } from '../harness.js';

export async function acquire(
  harness: Harness,
  params: { readonly name: string; readonly owner: string; readonly ttlMs?: number },
  view: Driver = harness.view,
): Promise<LeaseOutcome> {
  return await ledgerOf(view).acquire({ ttlMs: 60_000, ...params, deadline: harness.deadline() });
}

/** A lease that must be free. */
export async function lease(
  harness: Harness,
  params: { readonly name: string; readonly owner: string; readonly ttlMs?: number },
  view: Driver = harness.view,
): Promise<Lease> {
  const outcome = await acquire(harness, params, view);
  assert.ok(outcome.kind === 'acquired', `"${params.name}" should be free for ${params.owner}`);
  return outcome.lease;
}

function isHeldBy(outcome: LeaseOutcome, owner: string): void {
  assert.ok(outcome.kind === 'held', `the name should be held by ${owner}`);
  assert.equal(outcome.owner, owner);
}

async function expires(harness: Harness, name: string, ttlMs: number): Promise<Lease> {
  await harness.advance(ttlMs + 100);
  let next: Lease | undefined;
  await harness.eventually(`the lease on "${name}" should expire`, async () => {
    const outcome = await acquire(harness, { name, owner: 'next' });
    if (outcome.kind === 'acquired') next = outcome.lease;
    return next !== undefined;
  });
  assert.ok(next !== undefined);
  return next;
}

export const leaseCases: readonly ConformanceCase[] = [
  {
    name: 'gives a free name to whoever comes first, and tells others who has it',
    run: async (harness) => {
      const held = await lease(harness, { name: 'leader', owner: 'a' });
      assert.deepEqual([held.name, held.owner, held.ttlMs], ['leader', 'a', 60_000]);
      isHeldBy(await acquire(harness, { name: 'leader', owner: 'b' }), 'a');
      isHeldBy(await acquire(harness, { name: 'leader', owner: 'b' }, await harness.another()), 'a');
      await lease(harness, { name: 'other', owner: 'b' });
    },
  },
  {
    name: 'gives a name to one of many who ask at once',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      const outcomes = await Promise.all(
        Array.from(
          { length: 30 },
          async (_, index) =>
            await acquire(harness, { name: 'leader', owner: `o${index}` }, views[index % 3]),
        ),
      );
      const winners = outcomes.filter(({ kind }) => kind === 'acquired');
      assert.equal(winners.length, 1);
    },
  },
  {
    name: 'lets the owner acquire again: the fence stays, the time starts again',
    run: async (harness) => {
      const first = await lease(harness, { name: 'leader', owner: 'a', ttlMs: 2000 });
      await harness.advance(1200);
      const again = await lease(harness, { name: 'leader', owner: 'a', ttlMs: 3000 });
      assert.equal(again.fence, first.fence);
      assert.equal(again.ttlMs, 3000);
      await harness.advance(1200);
      assert.equal((await acquire(harness, { name: 'leader', owner: 'b' })).kind, 'held');
    },
  },
  {
    name: 'raises the fence with each new owner',
    run: async (harness) => {
      const fences: number[] = [];
      for (const owner of ['a', 'b', 'a', 'c']) {
        const held = await lease(harness, { name: 'leader', owner });
        fences.push(held.fence);
        await ledgerOf(harness.view).release({ lease: held, deadline: harness.deadline() });
      }
      const expiring = await lease(harness, { name: 'leader', owner: 'd', ttlMs: 300 });
      fences.push(expiring.fence, (await expires(harness, 'leader', 300)).fence);
      for (const [index, fence] of fences.entries()) {
        assert.ok(Number.isSafeInteger(fence));
        assert.ok(
          index === 0 || fence > (fences[index - 1] ?? 0),
          `fences should rise: ${fences.join(', ')}`,
        );
      }
    },
  },
  {
    name: 'keeps a lease that is renewed, for its whole time from then on',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const held = await lease(harness, { name: 'leader', owner: 'a', ttlMs: 3000 });
      await harness.advance(1800);
      assert.equal(await ledger.renew({ lease: held, deadline: harness.deadline() }), 'renewed');
      await harness.advance(1800);
      isHeldBy(await acquire(harness, { name: 'leader', owner: 'b' }), 'a');
    },
  },
  {
    name: 'frees a name whose lease is not renewed',
    run: async (harness) => {
      await lease(harness, { name: 'leader', owner: 'a', ttlMs: 300 });
      assert.equal((await expires(harness, 'leader', 300)).owner, 'next');
    },
  },
  {
    name: 'finds a lease lost that has expired, whether or not somebody has taken the name',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const taken = await lease(harness, { name: 'taken', owner: 'a', ttlMs: 300 });
      const free = await lease(harness, { name: 'free', owner: 'a', ttlMs: 300 });
      await expires(harness, 'taken', 300);
      for (const held of [taken, free])
        assert.equal(await ledger.renew({ lease: held, deadline: harness.deadline() }), 'lost');
      isHeldBy(await acquire(harness, { name: 'taken', owner: 'a' }), 'next');
      await lease(harness, { name: 'free', owner: 'b' });
    },
  },
  {
    name: 'finds a lease lost that was released, also when the same owner has the name again',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const old = await lease(harness, { name: 'leader', owner: 'a' });
      await ledger.release({ lease: old, deadline: harness.deadline() });
      assert.equal(await ledger.renew({ lease: old, deadline: harness.deadline() }), 'lost');
      await lease(harness, { name: 'leader', owner: 'b' });
      assert.equal(await ledger.renew({ lease: old, deadline: harness.deadline() }), 'lost');
    },
  },
  {
    name: 'frees a name at once when its owner releases it; twice is legal',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const held = await lease(harness, { name: 'leader', owner: 'a' });
      await ledger.release({ lease: held, deadline: harness.deadline() });
      await ledger.release({ lease: held, deadline: harness.deadline() });
      await lease(harness, { name: 'leader', owner: 'b' });
    },
  },
  {
    name: 'leaves a name alone when somebody releases a lease that is no longer theirs',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const old = await lease(harness, { name: 'leader', owner: 'a', ttlMs: 300 });
      const next = await expires(harness, 'leader', 300);
      await ledger.release({ lease: old, deadline: harness.deadline() });
      await ledger.release({ lease: { ...next, owner: 'thief' }, deadline: harness.deadline() });
      isHeldBy(await acquire(harness, { name: 'leader', owner: 'b' }), 'next');
      assert.equal(await ledger.renew({ lease: next, deadline: harness.deadline() }), 'renewed');
    },
  },
  {
    name: 'tells who finds a name held which lease it is and how long it lasts, so that it can be taken over',
    run: async (harness) => {
      const ledger = ledgerOf(harness.view);
      const held = await lease(harness, { name: 'leader', owner: 'a', ttlMs: 50_000 });
      const outcome = await acquire(harness, { name: 'leader', owner: 'b' }, await harness.another());
      assert.ok(outcome.kind === 'held');
      assert.equal(outcome.fence, held.fence);
      assert.ok(outcome.leftMs > 0 && outcome.leftMs <= 50_000, `${outcome.leftMs} ms left of 50,000`);
      const { owner, fence } = outcome;
      const deadline = harness.deadline();
      await ledger.release({ lease: { name: 'leader', owner, fence, ttlMs: 1 }, deadline });
      await lease(harness, { name: 'leader', owner: 'b' });
      assert.equal(await ledger.renew({ lease: held, deadline }), 'lost');
    },
  },
  {
    name: 'keeps leases with awkward names apart',
    run: async (harness) => {
      for (const name of awkwardNames) await lease(harness, { name, owner: `owner of ${name}` });
      for (const name of awkwardNames) {
        isHeldBy(await acquire(harness, { name, owner: 'other' }), `owner of ${name}`);
      }
    },
  },
];
