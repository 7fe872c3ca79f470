import assert from 'node:assert/strict';
import type { Driver } from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, ledgerOf } from '../harness.js';

async function revoke(
  harness: Harness,
  taskIds: readonly string[],
  ttlMs = 3_600_000,
  view: Driver = harness.view,
): Promise<void> {
  const revocations = taskIds.map((taskId) => ({ taskId, terminate: false }));
  await ledgerOf(view).revoke({ revocations, ttlMs, deadline: harness.deadline() });
}

async function revoked(
  harness: Harness,
  taskIds: readonly string[],
  view: Driver = harness.view,
): Promise<readonly string[]> {
  return [...(await ledgerOf(view).revoked({ taskIds, deadline: harness.deadline() }))].toSorted();
}

export const revocationCases: readonly ConformanceCase[] = [
  {
    name: 'tells which of some tasks are revoked',
    run: async (harness) => {
      await revoke(harness, ['a', 'b']);
      assert.deepEqual(await revoked(harness, ['a', 'x', 'b', 'a']), ['a', 'b']);
      assert.deepEqual(await revoked(harness, ['x']), []);
      assert.deepEqual(await revoked(harness, []), []);
    },
  },
  {
    name: 'tells it to processes that start later, also when the one that revoked is gone',
    run: async (harness) => {
      const other = await harness.another();
      await revoke(harness, ['a'], 3_600_000, other);
      await harness.crash(other);
      assert.deepEqual(await revoked(harness, ['a']), ['a']);
      assert.deepEqual(await revoked(harness, ['a'], await harness.another()), ['a']);
    },
  },
  {
    name: 'takes a task that is revoked again; the longer time holds',
    run: async (harness) => {
      await revoke(harness, ['long', 'short']);
      await revoke(harness, ['long'], 300);
      await revoke(harness, ['extended'], 300);
      await revoke(harness, ['extended']);
      await harness.advance(1500);
      assert.deepEqual(await revoked(harness, ['long', 'short', 'extended']), ['extended', 'long', 'short']);
    },
  },
  {
    name: 'lets a revocation go when its time is over',
    run: async (harness) => {
      await revoke(harness, ['short'], 300);
      assert.deepEqual(await revoked(harness, ['short']), ['short']);
      await harness.advance(400);
      await harness.eventually(
        'the revocation should go',
        async () => (await revoked(harness, ['short'])).length === 0,
      );
    },
  },
  {
    name: 'holds thousands of revocations',
    run: async (harness) => {
      const ids = Array.from({ length: 5000 }, (_, index) => `task-${index}`);
      await revoke(harness, ids);
      assert.equal((await revoked(harness, [...ids, 'other'])).length, 5000);
    },
  },
  {
    name: 'keeps ids with awkward names apart',
    run: async (harness) => {
      const every = awkwardNames.filter((_, index) => index % 2 === 0);
      await revoke(harness, every);
      assert.deepEqual(await revoked(harness, awkwardNames), every.toSorted());
    },
  },
];
