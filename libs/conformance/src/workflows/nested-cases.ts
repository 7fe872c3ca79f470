import assert from 'node:assert/strict';
import { chain, chord, chunks, group } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';

/** Compositions in compositions. */
export const nestedCases: readonly ConformanceCase[] = [
  withWorker('a group of chains', async ({ add, mul }) => {
    const result = await group(
      chain(add.s(1, 2), mul.s(2)),
      chain(add.s(3, 4), mul.s(3)),
      add.s(0, 1),
    ).delay();
    assert.deepEqual(await result.get(), [6, 21, 1]);
  }),
  withWorker('a chain of groups', async ({ add, id }) => {
    const { xsum } = { xsum: id };
    const first = group(add.s(1, 1), add.s(2, 2));
    const result = await chain(first, xsum.s(), group(id.s(), id.s())).delay();
    assert.deepEqual(await result.get(), [
      [2, 4],
      [2, 4],
    ]);
  }),
  withWorker('a group straight after a group', async ({ add, id }) => {
    const result = await chain(group(add.s(1, 1), add.s(2, 2)), group(id.s(), id.s())).delay();
    assert.deepEqual(await result.get(), [
      [2, 4],
      [2, 4],
    ]);
  }),
  withWorker('a chord of chords', async ({ add, xsum }) => {
    const inner = (n: number) => chord([add.s(n, 0), add.s(n, 1)], xsum.s());
    const result = await chord([inner(1), inner(10), add.s(100, 0)], xsum.s()).delay();
    assert.equal(await result.get(), 3 + 21 + 100);
  }),
  withWorker('a chord whose body is a chord, whose body is a chain', async ({ add, xsum, mul }) => {
    const body = chord([xsum.s(), chain(xsum.s(), add.s(1))], chain(xsum.s(), mul.s(2)));
    const result = await chord([add.s(1, 1), add.s(2, 2)], body).delay();
    assert.equal(await result.get(), 26);
  }),
  withWorker('a chord with steps behind it', async ({ add, xsum, mul }) => {
    const result = await chain(
      add.s(1, 1),
      group(add.s(1), chain(add.s(2), mul.s(2))),
      xsum.s(),
      group(add.s(1), add.s(2)),
      xsum.s(),
      mul.s(10),
    ).delay();
    assert.equal(await result.get(), (11 + 1 + 11 + 2) * 10);
  }),
  withWorker('groups in a group are one group', async ({ add, xsum }) => {
    const nested = group(add.s(1, 0), group(add.s(2, 0), group(add.s(3, 0))), add.s(4, 0));
    assert.deepEqual(await (await nested.delay()).get(), [1, 2, 3, 4]);
    assert.equal(await (await nested.pipe(xsum.s()).delay()).get(), 10);
  }),
  withWorker(
    'a chain that ends with a group, in the header of a chord, gives an array',
    async ({ add, id }) => {
      const member = chain(add.s(1, 1), group(add.s(10), chain(add.s(20), add.s(1))));
      const result = await chord([member, add.s(5, 5)], id.s()).delay();
      assert.deepEqual(await result.get(), [[12, 23], 10]);
    },
  ),
  withWorker('a chord whose body is a group, in the header of a chord', async ({ add, xsum, id }) => {
    const member = chord([add.s(1, 1), add.s(2, 2)], group(xsum.s(), id.s()));
    const result = await chord([member, add.s(5, 5)], id.s()).delay();
    assert.deepEqual(await result.get(), [[6, [2, 4]], 10]);
  }),
  withWorker('a chord with its only part in a chord in a group in a chord', async ({ add, xsum, id }) => {
    const inmost = chord([id.s(), id.s()], id.s());
    const result = await group(chord([add.s(1, 1)], group(inmost))).delay();
    const [[value]] = await result.get();
    assert.deepEqual(value, [[2], [2]]);
    assert.equal(await (await chord([add.s(1, 1)], xsum.s()).delay()).get(), 2);
  }),
  withWorker('chunks in a chain, a group, a header and a body', async ({ add, id, app }) => {
    const some = (size: number) =>
      chunks(
        add.s(),
        [0, 1, 2, 3, 4].map((n): [number, number] => [n, n]),
        size,
      );
    const all = [[0, 2], [4, 6], [8]];
    const { client } = app;
    assert.deepEqual(await (await client.apply(chain(some(2), id.s()))).get(), all);
    assert.deepEqual(await (await client.apply(chain(some(5), id.s()))).get(), [all.flat()]);
    assert.deepEqual(await (await chain(add.s(1, 1), some(2)).delay()).get(), all);
    assert.deepEqual(await (await chain(add.s(1, 1), some(2), id.s()).delay()).get(), all);
    assert.deepEqual(await (await group([some(2), add.s(1, 1)]).delay()).get(), [all, 2]);
    assert.deepEqual(await (await chord([some(2), add.s(1, 1)], id.s()).delay()).get(), [all, 2]);
    const member = chain(add.s(1, 1), some(2));
    assert.deepEqual(await (await chord([member, add.s(1, 1)], id.s()).delay()).get(), [all, 2]);
    assert.deepEqual(await (await chord([add.s(1, 1)], some(2)).delay()).get(), all);
  }),
  withWorker('callbacks of a chord belong to its body', async (scene) => {
    const { add, xsum, note } = scene;
    await (
      await chord([add.s(1, 1), add.s(2, 2)], xsum.s())
        .link(note.s())
        .delay()
    ).get();
    assert.deepEqual(await scene.noted(1), [6]);
  }),
  withWorker('hundreds of members', async ({ add, xsum }) => {
    const header = Array.from({ length: 300 }, (_, index) => add.s(index, 1));
    assert.equal(await (await chord(header, xsum.s()).delay()).get(), 300 + (299 * 300) / 2);
  }),
];
