import assert from 'node:assert/strict';
import type { Driver, LedgerChange } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, ledgerOf } from '../harness.js';
import { lease } from './lease-cases.js';
import { putRecord } from './record-cases.js';

interface Watcher {
  readonly told: LedgerChange[];
  end(): void;
}

function watcher(harness: Harness, view: Driver = harness.view): Watcher {
  const told: LedgerChange[] = [];
  const end = ledgerOf(view).watch({ listener: (change) => told.push(change) });
  return { told, end };
}

/** What a watch was told, as short texts. */
const texts = (told: readonly LedgerChange[]): readonly string[] =>
  told.map((change) =>
    change.kind === 'record'
      ? `record ${change.recordKind} ${change.id}`
      : `revoked ${change.revocation.taskId} ${String(change.revocation.terminate)}`,
  );

async function revoke(
  harness: Harness,
  taskId: string,
  terminate: boolean,
  view: Driver = harness.view,
): Promise<void> {
  await ledgerOf(view).revoke({
    revocations: [{ taskId, terminate }],
    ttlMs: 60_000,
    deadline: harness.deadline(),
  });
}

/** Watches, opening and closing. */
export const upkeepCases: readonly ConformanceCase[] = [
  {
    name: 'tells every watch of revocations and changed records, of all processes',
    run: async (harness) => {
      const other = await harness.another();
      const watchers = [watcher(harness), watcher(harness), watcher(harness, other)];
      await harness.quiet();
      await revoke(harness, 'a', true);
      await putRecord(harness, { id: 's', value: 'one', expectedVersion: 0 }, other);
      await putRecord(harness, { id: 's', value: undefined, expectedVersion: 1 });
      for (const { told } of watchers) {
        await harness.eventually('the watch should be told of all', () => told.length >= 3);
        assert.deepEqual(texts(told).toSorted(), [
          'record schedule s',
          'record schedule s',
          'revoked a true',
        ]);
      }
    },
  },
  {
    name: 'tells whether a running task is to be stopped',
    run: async (harness) => {
      const { told } = watcher(harness);
      await harness.quiet();
      await revoke(harness, 'a', false);
      await revoke(harness, 'a', true);
      await harness.eventually('the watch should be told of both', () => told.length >= 2);
      assert.deepEqual(texts(told), ['revoked a false', 'revoked a true']);
    },
  },
  {
    name: 'does not tell of a change that was refused',
    run: async (harness) => {
      const { told } = watcher(harness);
      await harness.quiet();
      await putRecord(harness, { id: 'refused', value: 'x', expectedVersion: 5 });
      await putRecord(harness, { id: 'stored', value: 'x', expectedVersion: 0 });
      await harness.eventually('the watch should be told', () => told.length > 0);
      await harness.quiet();
      assert.deepEqual(texts(told), ['record schedule stored']);
    },
  },
  {
    name: 'tells nothing after a watch was ended; ending twice is legal',
    run: async (harness) => {
      const [ended, witness] = [watcher(harness), watcher(harness)];
      await harness.quiet();
      ended.end();
      ended.end();
      await revoke(harness, 'a', false);
      await harness.eventually('the other watch should be told', () => witness.told.length > 0);
      await harness.quiet();
      assert.deepEqual(ended.told, []);
    },
  },
  {
    name: 'tells nothing after its ledger was closed',
    run: async (harness) => {
      const closing = await harness.another();
      const closed = watcher(harness, closing);
      await harness.quiet();
      await ledgerOf(closing).close({ deadline: harness.deadline() });
      await revoke(harness, 'a', false);
      await harness.quiet();
      assert.deepEqual(closed.told, []);
    },
  },
  {
    name: 'takes a second open and a second close, and refuses everything after close with a coded error',
    run: async (harness) => {
      const ledger = ledgerOf(await harness.another());
      const deadline = harness.deadline();
      await ledger.open({ deadline });
      const held = await lease(harness, { name: 'kept', owner: 'a' });
      await Promise.all([ledger.close({ deadline }), ledger.close({ deadline })]);
      await ledger.close({ deadline });
      const request = { bucket: 'b', tokens: 1, capacity: 1, refillPerSecond: 1 };
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        acquire: async () => await ledger.acquire({ name: 'n', owner: 'o', ttlMs: 1000, deadline }),
        renew: async () => await ledger.renew({ lease: held, deadline }),
        release: async () => await ledger.release({ lease: held, deadline }),
        takeTokens: async () => await ledger.takeTokens({ request, deadline }),
        revoke: async () =>
          await ledger.revoke({ revocations: [{ taskId: 'a', terminate: false }], ttlMs: 1000, deadline }),
        revoked: async () => await ledger.revoked({ taskIds: ['a'], deadline }),
        putRecord: async () =>
          await ledger.putRecord({ kind: 'k', id: 'i', value: 'v', expectedVersion: 0, deadline }),
        records: async () => await ledger.records({ kind: 'k', limit: 1, deadline }),
      };
      for (const [call, run] of Object.entries(calls)) await rejectsCoded(run, `${call} after close`);
      assert.equal(await ledgerOf(harness.view).renew({ lease: held, deadline }), 'renewed');
    },
  },
  {
    name: 'names the same store in every process',
    run: async (harness) => {
      assert.equal(ledgerOf(harness.view).storeId, ledgerOf(await harness.another()).storeId);
    },
  },
];
