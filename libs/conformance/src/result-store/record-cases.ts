import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Driver, StoredResult } from '@lovage/core';
import { rejectsCoded } from '../coded-error.js';
import type { ConformanceCase } from '../conformance-case.js';
import { awkwardNames } from '../broker/awkward-names.js';
import { type Harness, resultsOf } from '../harness.js';
import { assertRecord, LazyRecord, record } from '../sample-message.js';

export async function put(
  harness: Harness,
  results: readonly StoredResult[],
  view: Driver = harness.view,
): Promise<readonly string[]> {
  const outcomes = await resultsOf(view).put({ results, deadline: harness.deadline() });
  return outcomes.map(({ kind }) => kind);
}

export async function get(
  harness: Harness,
  taskIds: readonly string[],
  view: Driver = harness.view,
): Promise<readonly (StoredResult | undefined)[]> {
  return await resultsOf(view).get({ taskIds, deadline: harness.deadline() });
}

export const recordCases: readonly ConformanceCase[] = [
  {
    name: 'gives back what was stored, byte by byte',
    run: async (harness) => {
      const document = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const results = [
        record(randomUUID(), 'SUCCESS', 'ünïcödé 任务 🌿'),
        { taskId: randomUUID(), state: 'STARTED', document },
        { taskId: randomUUID(), state: 'PROGRESS', document: Buffer.alloc(0) },
        { taskId: randomUUID(), state: 'PROGRESS', document: '' },
        { taskId: randomUUID(), state: 'PROGRESS', document: '"ünïcödé 任务 🌿"' },
        { taskId: randomUUID(), state: 'own state / 任务', document: Buffer.alloc(256 * 1024, document) },
      ];
      assert.deepEqual(
        await put(harness, results),
        results.map(() => 'stored'),
      );
      const found = await get(
        harness,
        results.map(({ taskId }) => taskId),
      );
      for (const [index, result] of results.entries()) assertRecord(found[index], result);
    },
  },
  {
    name: 'takes records whose documents are made when they are read',
    run: async (harness) => {
      const whole = record('lazy', 'SUCCESS', 5, 3_600_000);
      assert.deepEqual(await put(harness, [new LazyRecord(whole)]), ['stored']);
      assertRecord((await get(harness, ['lazy']))[0], whole);
    },
  },
  {
    name: 'gives many records in the order of the ids, undefined where nothing is stored',
    run: async (harness) => {
      const [a, b] = [record('a', 'SUCCESS', 1), record('b', 'FAILURE', 2)];
      await put(harness, [b, a]);
      const found = await get(harness, ['missing', 'a', 'b', 'other', 'a']);
      assert.deepEqual(
        found.map((result) => result?.taskId),
        [undefined, 'a', 'b', undefined, 'a'],
      );
      assert.deepEqual(await get(harness, []), []);
    },
  },
  {
    name: 'shows every process what one has stored',
    run: async (harness) => {
      const other = await harness.another();
      const result = record(randomUUID(), 'SUCCESS', 5);
      await put(harness, [result], other);
      assertRecord((await get(harness, [result.taskId]))[0], result);
      await resultsOf(other).close({ deadline: harness.deadline() });
      assertRecord((await get(harness, [result.taskId]))[0], result);
    },
  },
  {
    name: 'takes the records of a batch one after the other and gives their outcomes in order',
    run: async (harness) => {
      const outcomes = await put(harness, [
        record('t', 'STARTED'),
        record('t', 'SUCCESS', 'first'),
        record('other', 'STARTED'),
        record('t', 'SUCCESS', 'second'),
      ]);
      assert.deepEqual(outcomes, ['stored', 'stored', 'stored', 'refused']);
      assertRecord((await get(harness, ['t']))[0], record('t', 'SUCCESS', 'first'));
      assert.deepEqual(await put(harness, []), []);
    },
  },
  {
    name: 'keeps ids with awkward names apart',
    run: async (harness) => {
      const results = awkwardNames.map((name, index) => record(name, 'SUCCESS', index));
      await put(harness, results);
      const found = await get(harness, awkwardNames);
      for (const [index, result] of results.entries()) assertRecord(found[index], result);
      await resultsOf(harness.view).forget({ taskIds: ['glob*?[a-z]', '*'], deadline: harness.deadline() });
      const left = (await get(harness, awkwardNames)).filter((result) => result !== undefined);
      assert.equal(left.length, awkwardNames.length - 2);
    },
  },
  {
    name: 'forgets records, and what is not there',
    run: async (harness) => {
      await put(harness, [record('a', 'SUCCESS'), record('b', 'SUCCESS')]);
      await resultsOf(harness.view).forget({ taskIds: ['a', 'missing'], deadline: harness.deadline() });
      const [a, b] = await get(harness, ['a', 'b']);
      assert.equal(a, undefined);
      assertRecord(b, record('b', 'SUCCESS'));
    },
  },
  {
    name: 'stores anything for an id that was forgotten',
    run: async (harness) => {
      await put(harness, [record('a', 'SUCCESS', 1)]);
      await resultsOf(harness.view).forget({ taskIds: ['a'], deadline: harness.deadline() });
      assert.deepEqual(await put(harness, [record('a', 'STARTED')]), ['stored']);
      assertRecord((await get(harness, ['a']))[0], record('a', 'STARTED'));
    },
  },
  {
    name: 'lets a record go when its time is over, and no other',
    run: async (harness) => {
      await put(harness, [
        record('short', 'SUCCESS', 1, 300),
        record('long', 'SUCCESS', 2, 3_600_000),
        record('ever', 'SUCCESS', 3),
      ]);
      assert.ok((await get(harness, ['short']))[0] !== undefined, 'it went too early');
      await harness.advance(400);
      await harness.eventually(
        'the record should go',
        async () => (await get(harness, ['short']))[0] === undefined,
      );
      const [long, ever] = await get(harness, ['long', 'ever']);
      assertRecord(long, record('long', 'SUCCESS', 2));
      assertRecord(ever, record('ever', 'SUCCESS', 3));
    },
  },
  {
    name: 'stores anything for an id whose record has expired',
    run: async (harness) => {
      await put(harness, [record('a', 'SUCCESS', 1, 300)]);
      await harness.advance(400);
      await harness.eventually(
        'the record should go',
        async () => (await get(harness, ['a']))[0] === undefined,
      );
      assert.deepEqual(await put(harness, [record('a', 'STARTED')]), ['stored']);
    },
  },
  {
    name: 'counts the time of a record from when it was last stored',
    run: async (harness) => {
      await put(harness, [record('longer', 'STARTED', 1, 300), record('ever', 'STARTED', 1, 300)]);
      await put(harness, [record('longer', 'SUCCESS', 2, 3_600_000), record('ever', 'SUCCESS', 2)]);
      await harness.advance(1500);
      await harness.quiet();
      const [longer, ever] = await get(harness, ['longer', 'ever']);
      assertRecord(longer, record('longer', 'SUCCESS', 2));
      assertRecord(ever, record('ever', 'SUCCESS', 2));
    },
  },
  {
    name: 'says the same of itself in every process, and shows no credentials',
    run: async (harness) => {
      const [one, two] = [resultsOf(harness.view), resultsOf(await harness.another())];
      assert.equal(one.storeId, two.storeId);
      assert.deepEqual(one.capabilities, two.capabilities);
      assert.doesNotMatch(one.address, /@.*@|:[^/@]*@/);
    },
  },
  {
    name: 'takes a second open and a second close, and refuses everything after close with a coded error',
    run: async (harness) => {
      const results = resultsOf(await harness.another());
      const deadline = harness.deadline();
      await results.open({ deadline });
      await results.put({ results: [record('a', 'SUCCESS')], deadline });
      const watch = results.watch({ listener: () => undefined });
      await watch.add({ taskIds: ['a'], deadline });
      await Promise.all([results.close({ deadline }), results.close({ deadline })]);
      await results.close({ deadline });
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        put: async () => await results.put({ results: [record('a', 'STARTED')], deadline }),
        get: async () => await results.get({ taskIds: ['a'], deadline }),
        forget: async () => await results.forget({ taskIds: ['a'], deadline }),
        join: async () =>
          await results.join({
            part: { groupId: 'g', taskId: 't', document: Buffer.from('x') },
            deadline,
          }),
        'adding to a watch': async () => await watch.add({ taskIds: ['a'], deadline }),
      };
      for (const [call, run] of Object.entries(calls)) await rejectsCoded(run, `${call} after close`);
      assertRecord((await get(harness, ['a']))[0], record('a', 'SUCCESS'));
    },
  },
];
