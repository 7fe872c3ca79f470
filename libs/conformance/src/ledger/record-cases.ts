import assert from 'node:assert/strict';
import type { Driver, LedgerRecord, RecordOutcome } from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, ledgerOf } from '../harness.js';

const kind = 'schedule';

interface Change {
  readonly kind?: string;
  readonly id: string;
  readonly value: string | undefined;
  readonly expectedVersion: number;
}

export async function putRecord(
  harness: Harness,
  change: Change,
  view: Driver = harness.view,
): Promise<RecordOutcome> {
  return await ledgerOf(view).putRecord({ kind, ...change, deadline: harness.deadline() });
}

async function page(
  harness: Harness,
  limit = 100,
  after?: string,
  of = kind,
): Promise<readonly LedgerRecord[]> {
  return await ledgerOf(harness.view).records({
    kind: of,
    limit,
    ...(after === undefined ? {} : { after }),
    deadline: harness.deadline(),
  });
}

/** All records of a kind, page by page. */
async function all(harness: Harness, limit: number): Promise<readonly LedgerRecord[]> {
  const found: LedgerRecord[] = [];
  for (let after: string | undefined; ; after = found.at(-1)?.id) {
    const next = await page(harness, limit, after);
    assert.ok(next.length <= limit, `a page of ${limit} holds ${next.length}`);
    if (next.length === 0) return found;
    found.push(...next);
    assert.ok(found.length <= 10_000, 'paging does not end');
  }
}

export const recordCases: readonly ConformanceCase[] = [
  {
    name: 'stores a record with its version, from 1 up',
    run: async (harness) => {
      assert.deepEqual(await putRecord(harness, { id: 'a', value: '{"n":1}', expectedVersion: 0 }), {
        kind: 'stored',
        version: 1,
      });
      assert.deepEqual(await putRecord(harness, { id: 'a', value: '{"n":2}', expectedVersion: 1 }), {
        kind: 'stored',
        version: 2,
      });
      assert.deepEqual(await page(harness), [{ kind, id: 'a', version: 2, value: '{"n":2}' }]);
    },
  },
  {
    name: 'refuses a change that expects another version',
    run: async (harness) => {
      await putRecord(harness, { id: 'a', value: 'one', expectedVersion: 0 });
      await putRecord(harness, { id: 'a', value: 'two', expectedVersion: 1 });
      for (const expectedVersion of [0, 1, 3]) {
        assert.deepEqual(await putRecord(harness, { id: 'a', value: 'x', expectedVersion }), {
          kind: 'conflict',
        });
        assert.deepEqual(await putRecord(harness, { id: 'a', value: undefined, expectedVersion }), {
          kind: 'conflict',
        });
      }
      assert.deepEqual(await putRecord(harness, { id: 'missing', value: 'x', expectedVersion: 1 }), {
        kind: 'conflict',
      });
      assert.deepEqual(await page(harness), [{ kind, id: 'a', version: 2, value: 'two' }]);
    },
  },
  {
    name: 'deletes a record of the expected version; it can be made again',
    run: async (harness) => {
      await putRecord(harness, { id: 'a', value: 'one', expectedVersion: 0 });
      assert.equal(
        (await putRecord(harness, { id: 'a', value: undefined, expectedVersion: 1 })).kind,
        'stored',
      );
      assert.deepEqual(await page(harness), []);
      assert.equal(
        (await putRecord(harness, { id: 'a', value: 'again', expectedVersion: 0 })).kind,
        'stored',
      );
      assert.deepEqual(
        (await page(harness)).map(({ value }) => value),
        ['again'],
      );
    },
  },
  {
    name: 'lets one of many changes that come at once through',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      await putRecord(harness, { id: 'a', value: 'start', expectedVersion: 0 });
      const outcomes = await Promise.all(
        Array.from(
          { length: 15 },
          async (_, index) =>
            await putRecord(harness, { id: 'a', value: `v${index}`, expectedVersion: 1 }, views[index % 3]),
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome.kind === 'stored').length, 1);
      const winner = outcomes.findIndex((outcome) => outcome.kind === 'stored');
      assert.deepEqual(await page(harness), [{ kind, id: 'a', version: 2, value: `v${winner}` }]);
    },
  },
  {
    name: 'gives records by pages, each once, ordered by id',
    run: async (harness) => {
      const ids = Array.from({ length: 25 }, (_, index) => `id-${String(index).padStart(3, '0')}`);
      for (const id of ids.toReversed()) await putRecord(harness, { id, value: id, expectedVersion: 0 });
      for (const limit of [1, 7, 25, 100])
        assert.deepEqual(
          (await all(harness, limit)).map(({ id }) => id),
          ids,
        );
      assert.deepEqual(
        (await page(harness, 2, 'id-010')).map(({ id }) => id),
        ['id-011', 'id-012'],
      );
      assert.deepEqual(
        (await page(harness, 2, 'id-010x')).map(({ id }) => id),
        ['id-011', 'id-012'],
      );
      assert.deepEqual(await page(harness, 2, 'id-024'), []);
    },
  },
  {
    name: 'keeps ids, kinds and values of any text apart',
    run: async (harness) => {
      for (const name of awkwardNames) {
        await putRecord(harness, { id: name, value: JSON.stringify({ name }), expectedVersion: 0 });
        await putRecord(harness, { kind: name, id: 'a', value: name, expectedVersion: 0 });
      }
      const found = new Map((await all(harness, 4)).map(({ id, value }) => [id, value]));
      assert.deepEqual(found, new Map(awkwardNames.map((name) => [name, JSON.stringify({ name })])));
      for (const name of awkwardNames) {
        assert.deepEqual(await page(harness, 10, undefined, name), [
          { kind: name, id: 'a', version: 1, value: name },
        ]);
      }
      assert.deepEqual(await page(harness, 10, undefined, 'no such kind'), []);
    },
  },
  {
    name: 'shows every process what one has stored',
    run: async (harness) => {
      await putRecord(harness, { id: 'a', value: 'one', expectedVersion: 0 }, await harness.another());
      assert.deepEqual(await page(harness), [{ kind, id: 'a', version: 1, value: 'one' }]);
    },
  },
];
