import assert from 'node:assert/strict';
import { type ChordPart, type Driver, type Encoded, encodedBytes, type Joined } from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, resultsOf } from '../harness.js';

interface PartOptions {
  readonly groupId?: string;
  readonly groupIndex?: number | undefined;
  readonly document?: Encoded;
  readonly ttlMs?: number;
}

/** A part of the chord `g`. */
const part = (
  taskId: string,
  size: number,
  { groupId = 'g', groupIndex, document = taskId, ttlMs = 3_600_000 }: PartOptions = {},
): ChordPart => ({
  groupId,
  taskId,
  groupIndex,
  size,
  document,
  ttlMs,
});

async function join(harness: Harness, one: ChordPart, view: Driver = harness.view): Promise<Joined> {
  return await resultsOf(view).join({ part: one, deadline: harness.deadline() });
}

function documentsOf(joined: Joined | undefined): readonly string[] {
  assert.ok(joined?.kind === 'complete', 'the chord should be complete');
  return joined.documents.map((document) => encodedBytes(document).toString());
}

export const joinCases: readonly ConformanceCase[] = [
  {
    name: 'counts the parts of a chord and tells the last one that it is complete',
    run: async (harness) => {
      assert.deepEqual(await join(harness, part('a', 3, { groupIndex: 0 })), { kind: 'waiting', count: 1 });
      assert.deepEqual(await join(harness, part('b', 3, { groupIndex: 1 })), { kind: 'waiting', count: 2 });
      assert.deepEqual(documentsOf(await join(harness, part('c', 3, { groupIndex: 2 }))), ['a', 'b', 'c']);
    },
  },
  {
    name: 'gives the documents in the order of the positions, those without one last',
    run: async (harness) => {
      await join(harness, part('none', 5));
      await join(harness, part('ten', 5, { groupIndex: 10 }));
      await join(harness, part('two', 5, { groupIndex: 2 }));
      await join(harness, part('zero', 5, { groupIndex: 0 }));
      assert.deepEqual(documentsOf(await join(harness, part('nine', 5, { groupIndex: 9 }))), [
        'zero',
        'two',
        'nine',
        'ten',
        'none',
      ]);
    },
  },
  {
    name: 'completes a chord of one part at once',
    run: async (harness) => {
      assert.deepEqual(documentsOf(await join(harness, part('a', 1, { groupIndex: 0 }))), ['a']);
    },
  },
  {
    name: 'counts a part once, however often it is reported, and keeps the first document',
    run: async (harness) => {
      await join(harness, part('a', 2, { groupIndex: 0, document: 'first' }));
      for (const document of ['second', 'first', 'third']) {
        assert.deepEqual(await join(harness, part('a', 2, { groupIndex: 0, document })), {
          kind: 'waiting',
          count: 1,
        });
      }
      assert.deepEqual(documentsOf(await join(harness, part('b', 2, { groupIndex: 1 }))), ['first', 'b']);
    },
  },
  {
    name: 'tells nobody again that a chord is complete',
    run: async (harness) => {
      await join(harness, part('a', 2, { groupIndex: 0 }));
      assert.equal((await join(harness, part('b', 2, { groupIndex: 1 }))).kind, 'complete');
      for (const again of ['a', 'b', 'b', 'a', 'unexpected']) {
        assert.equal((await join(harness, part(again, 2))).kind, 'waiting', `part ${again} came again`);
      }
      assert.equal((await join(harness, part('x', 1, { groupId: 'one' }))).kind, 'complete');
      assert.equal((await join(harness, part('x', 1, { groupId: 'one' }))).kind, 'waiting');
    },
  },
  {
    name: 'tells exactly one that a chord is complete when all parts come at once, some of them twice',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      const ids = Array.from({ length: 40 }, (_, index) => index);
      const answers = await Promise.all(
        [...ids, ...ids.filter((index) => index % 3 === 0)].map(
          async (index, call) =>
            await join(harness, part(`t${index}`, 40, { groupIndex: index }), views[call % views.length]),
        ),
      );
      const complete = answers.filter(({ kind }) => kind === 'complete');
      assert.equal(complete.length, 1);
      assert.deepEqual(
        documentsOf(complete[0]),
        ids.map((index) => `t${index}`),
      );
    },
  },
  {
    name: 'keeps chords apart, whatever they are called',
    run: async (harness) => {
      for (const groupId of awkwardNames) {
        assert.deepEqual(await join(harness, part('a', 2, { groupId, groupIndex: 0 })), {
          kind: 'waiting',
          count: 1,
        });
      }
      for (const groupId of awkwardNames) {
        const taskId = `last of ${groupId}`;
        assert.deepEqual(documentsOf(await join(harness, part(taskId, 2, { groupId, groupIndex: 1 }))), [
          'a',
          taskId,
        ]);
      }
    },
  },
  {
    name: 'gives back every byte of the documents',
    run: async (harness) => {
      const document = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await join(harness, { ...part('a', 2, { groupIndex: 0 }), document });
      const joined = await join(harness, { ...part('b', 2, { groupIndex: 1 }), document: Buffer.alloc(0) });
      assert.ok(joined.kind === 'complete');
      assert.deepEqual(
        joined.documents.map((one) => encodedBytes(one).toString('hex')),
        [document.toString('hex'), ''],
      );
    },
  },
  {
    name: 'takes text and bytes for documents',
    run: async (harness) => {
      await join(harness, part('text', 2, { groupIndex: 0, document: '"ünïcödé 任务 🌿"' }));
      const last = part('bytes', 2, { groupIndex: 1, document: Buffer.from('"ünïcödé 任务 🌿"') });
      assert.deepEqual(documentsOf(await join(harness, last)), ['"ünïcödé 任务 🌿"', '"ünïcödé 任务 🌿"']);
    },
  },
  {
    name: 'lets the parts of a chord go when their time is over',
    run: async (harness) => {
      await join(harness, part('a', 2, { ttlMs: 300 }));
      await harness.advance(400);
      // It may be deleted now, and is at some time; a chord that comes later under this name starts from nothing.
      let attempt = 0;
      await harness.eventually('the chord should be forgotten', async () => {
        attempt += 1;
        const joined = await join(harness, part(`late-${attempt}`, 1_000_000, { ttlMs: 1 }));
        await harness.advance(5);
        return joined.kind === 'waiting' && joined.count === 1;
      });
    },
  },
];
