import assert from 'node:assert/strict';
import {
  type Chord,
  type ChordPart,
  type Driver,
  type Encoded,
  encodedBytes,
  type Joined,
  type OpenChord,
} from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, resultsOf } from '../harness.js';

interface PartOptions {
  readonly groupId?: string;
  readonly groupIndex?: number | undefined;
  readonly document?: Encoded;
  readonly ttlMs?: number;
  readonly adds?: number;
}

/** A part with the size of its chord. */
type SizedPart = ChordPart & { readonly size: number };

/** A part of the chord `g`. */
const part = (
  taskId: string,
  size: number,
  { groupId = 'g', groupIndex, document = taskId, ttlMs = 3_600_000, adds }: PartOptions = {},
): SizedPart => ({
  groupId,
  taskId,
  groupIndex,
  size,
  document,
  ttlMs,
  ...(adds !== undefined && { adds }),
});

const owner = 'who has begun it';

/** Joins a part to its chord, which is begun before; for all but the first part that is a repeat. */
async function join(harness: Harness, one: SizedPart, view: Driver = harness.view): Promise<Joined> {
  const { size, ...bare } = one;
  const { groupId, ttlMs } = one;
  await open(harness, { groupId, size, owner, record: '', ttlMs }, view);
  return await resultsOf(view).join({ part: bare, deadline: harness.deadline() });
}

async function open(harness: Harness, chord: Chord, view: Driver = harness.view): Promise<string> {
  return (await resultsOf(view).openChord({ chord, deadline: harness.deadline() })).kind;
}

async function opened(harness: Harness, limit = 10, beforeMs = 9e15): Promise<readonly OpenChord[]> {
  return await resultsOf(harness.view).openChords({ beforeMs, limit, deadline: harness.deadline() });
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
    name: 'waits for the parts that others add, however often these are reported',
    run: async (harness) => {
      const adding = part('a', 2, { groupIndex: 0, adds: 2 });
      assert.deepEqual(await join(harness, adding), { kind: 'waiting', count: 1 });
      assert.deepEqual(await join(harness, adding), { kind: 'waiting', count: 1 });
      assert.equal((await join(harness, part('b', 2, { groupIndex: 1, adds: 1 }))).kind, 'waiting');
      assert.equal((await join(harness, adding, await harness.another())).kind, 'waiting');
      assert.equal((await join(harness, part('c', 2, { groupIndex: 2 }))).kind, 'waiting');
      assert.equal((await join(harness, part('d', 2, { groupIndex: 3 }))).kind, 'waiting');
      const last = part('e', 2, { groupIndex: 4, adds: 0 });
      assert.deepEqual(documentsOf(await join(harness, last)), ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(documentsOf(await join(harness, last)), ['a', 'b', 'c', 'd', 'e']);
    },
  },
  {
    name: 'goes on with a chord whose only part adds another one',
    run: async (harness) => {
      assert.equal((await join(harness, part('a', 1, { groupIndex: 0, adds: 1 }))).kind, 'waiting');
      assert.deepEqual(documentsOf(await join(harness, part('b', 1, { groupIndex: 0 }))).toSorted(), [
        'a',
        'b',
      ]);
    },
  },
  {
    name: 'tells nobody else that a chord is complete',
    run: async (harness) => {
      await join(harness, part('a', 2, { groupIndex: 0 }));
      assert.equal((await join(harness, part('b', 2, { groupIndex: 1 }))).kind, 'complete');
      for (const again of ['a', 'unexpected', 'a', 'more']) {
        assert.equal((await join(harness, part(again, 2))).kind, 'waiting', `part ${again} came again`);
      }
    },
  },
  {
    name: 'tells the part that has completed a chord so again, with the same documents, until the chord is closed',
    run: async (harness) => {
      await join(harness, part('a', 2, { groupIndex: 0 }));
      const last = part('b', 2, { groupIndex: 1 });
      await join(harness, last);
      const other = await harness.another();
      assert.deepEqual(documentsOf(await join(harness, { ...last, document: 'changed' }, other)), ['a', 'b']);
      assert.deepEqual(documentsOf(await join(harness, last)), ['a', 'b']);
      await resultsOf(harness.view).closeChord({ groupId: 'g', deadline: harness.deadline() });
      await resultsOf(other).closeChord({ groupId: 'g', deadline: harness.deadline() });
      for (const taskId of ['a', 'b', 'c'])
        assert.equal(
          (await join(harness, part(taskId, 2), other)).kind,
          'waiting',
          `part ${taskId} came again`,
        );
    },
  },
  {
    name: 'refuses a second chord under the same id, and takes a repeat of the first for what it is',
    run: async (harness) => {
      const chord: Chord = { groupId: 'g', size: 2, owner, record: 'first', ttlMs: 3_600_000 };
      assert.equal(await open(harness, chord), 'opened');
      assert.equal(await open(harness, { ...chord, owner: 'another' }), 'taken');
      assert.equal(await open(harness, chord, await harness.another()), 'opened');
      assert.equal((await join(harness, part('a', 2))).kind, 'waiting');
      assert.equal((await join(harness, part('b', 2))).kind, 'complete');
      assert.equal(await open(harness, { ...chord, owner: 'another' }), 'taken');
      assert.equal((await join(harness, part('b', 2))).kind, 'complete', 'a repeat began to count anew');
    },
  },
  {
    name: 'knows the chords that were begun and not closed, oldest first, with what is kept of them',
    run: async (harness) => {
      const before = harness.clock.wallNow();
      for (const groupId of ['one', 'two', 'three']) {
        await open(harness, { groupId, size: 1, owner, record: `{"of":"${groupId}"}`, ttlMs: 3_600_000 });
        await harness.advance(5);
      }
      assert.deepEqual(
        (await opened(harness)).map(({ groupId, record }) => [groupId, record]),
        ['one', 'two', 'three'].map((groupId) => [groupId, `{"of":"${groupId}"}`]),
      );
      assert.deepEqual(
        (await opened(harness, 2)).map(({ groupId }) => groupId),
        ['one', 'two'],
      );
      assert.deepEqual(await opened(harness, 10, before - 3_600_000), []);
      await join(harness, part('a', 1, { groupId: 'one' }));
      assert.equal((await opened(harness)).length, 3, 'a chord that is complete is not closed');
      for (const groupId of ['one', 'two'])
        await resultsOf(harness.view).closeChord({ groupId, deadline: harness.deadline() });
      assert.deepEqual(
        (await opened(harness)).map(({ groupId }) => groupId),
        ['three'],
      );
    },
  },
  {
    name: 'completes nothing of a chord that was closed before it was complete',
    run: async (harness) => {
      await join(harness, part('a', 2));
      await resultsOf(harness.view).closeChord({ groupId: 'g', deadline: harness.deadline() });
      assert.equal((await join(harness, part('b', 2))).kind, 'waiting');
      assert.equal((await join(harness, part('a', 2))).kind, 'waiting');
    },
  },
  {
    name: 'gives the document of the group to the part that completes its chord, and to whoever asks',
    run: async (harness) => {
      const structure = '{"result":[["g",null],[[["ü",null],null]]]}';
      await open(harness, { groupId: 'g', size: 1, owner, record: '', structure, ttlMs: 3_600_000 });
      const joined = await join(harness, part('a', 1));
      assert.ok(joined.kind === 'complete' && joined.structure !== undefined);
      assert.equal(encodedBytes(joined.structure).toString(), structure);
      const results = resultsOf(await harness.another());
      const deadline = harness.deadline();
      assert.equal(
        encodedBytes((await results.getGroup({ groupId: 'g', deadline })) ?? '').toString(),
        structure,
      );
      assert.equal(await results.getGroup({ groupId: 'none', deadline }), undefined);
      await results.putGroup({ groupId: 'none', document: Buffer.from('{}'), ttlMs: 3_600_000, deadline });
      assert.equal(
        encodedBytes((await results.getGroup({ groupId: 'none', deadline })) ?? '').toString(),
        '{}',
      );
    },
  },
  {
    name: 'tells exactly one part that a chord is complete when all come at once, some of them twice',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      const ids = Array.from({ length: 40 }, (_, index) => index);
      const answers = await Promise.all(
        [...ids, ...ids.filter((index) => index % 3 === 0)].map(async (index, call) => ({
          index,
          joined: await join(
            harness,
            part(`t${index}`, 40, { groupIndex: index }),
            views[call % views.length],
          ),
        })),
      );
      const complete = answers.filter(({ joined }) => joined.kind === 'complete');
      assert.equal(new Set(complete.map(({ index }) => index)).size, 1);
      assert.deepEqual(
        documentsOf(complete[0]?.joined),
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
