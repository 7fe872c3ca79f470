import assert from 'node:assert/strict';
import { chain, chord, chunks, group, map, type Signature, starmap } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The results that tutorials of Celery show. */
export const articleCases: readonly ConformanceCase[] = [
  withWorker('a chain gives the value of its last step: ((1 + 2) + 3) * 3', async ({ add, mul }) => {
    const result = await chain(add.s(1, 2), add.s(3), mul.s(3)).delay();
    assert.equal(await result.get(), 18);
    assert.equal(await result.parent?.get(), 6);
    assert.equal(await result.parent?.parent?.get(), 3);
    assert.equal(result.parent?.parent?.parent, undefined);
  }),
  withWorker('a chain is made by pipe: ((4 + 16) * 2 + 4) * 8', async ({ add, mul }) => {
    assert.equal(await (await add.s(4, 16).pipe(mul.s(2)).pipe(add.s(4)).pipe(mul.s(8)).delay()).get(), 352);
  }),
  withWorker('a group gives the values of its members in their order', async ({ add }) => {
    const result = await group(numbers(5).map((index) => add.s(index, index))).delay();
    assert.deepEqual(await result.get(), [0, 2, 4, 6, 8]);
    assert.equal(result.size, 5);
    assert.equal(await result.ready(), true);
    assert.equal(await result.successful(), true);
    assert.equal(await result.failed(), false);
    assert.equal(await result.completedCount(), 5);
  }),
  withWorker('a group takes arguments for all of its members', async ({ add }) => {
    assert.deepEqual(await (await group(add.s(1), add.s(2)).delay(10)).get(), [11, 12]);
  }),
  withWorker('a chord gives its body the array of all values: 90', async ({ add, xsum }) => {
    const header = numbers(10).map((index) => add.s(index, index));
    const result = await chord(header, xsum.s()).delay();
    assert.equal(await result.get(), 90);
    const parent = result.parent;
    assert.deepEqual(
      await parent?.get(),
      numbers(10).map((index) => index * 2),
    );
  }),
  withWorker('a group that a step follows is a chord', async ({ add, xsum }) => {
    const sum = group(numbers(10).map((index) => add.s(index, index))).pipe(xsum.s());
    assert.equal(await (await sum.delay()).get(), 90);
    const longer = chain(add.s(1, 1), group(add.s(1), add.s(2)), xsum.s(), add.s(100));
    assert.equal(await (await longer.delay()).get(), 107);
  }),
  withWorker('map and starmap run in one task', async ({ add, xsum, events }) => {
    const sums = map(xsum.s(), [numbers(10), numbers(100)]);
    assert.deepEqual(await (await sums.delay()).get(), [45, 4950]);
    const pairs = numbers(10).map((index) => [index, index] as [number, number]);
    assert.deepEqual(
      await (await starmap(add.s(), pairs).delay()).get(),
      numbers(10).map((index) => index * 2),
    );
    const begun = events.flatMap((event) => (event.type === 'task-started' ? [event.taskName] : []));
    assert.deepEqual(begun, ['celery.map', 'celery.starmap'], 'the task itself is not sent');
  }),
  withWorker('chunks cut 100 items into 10 tasks', async ({ add }) => {
    const pairs = numbers(100).map((index) => [index, index] as [number, number]);
    const result = await chunks(add.s(), pairs, 10).delay();
    const values = await result.get();
    assert.equal(result.size, 10);
    assert.deepEqual(
      values.flat(),
      numbers(100).map((index) => index * 2),
    );
  }),
  withWorker('a callback gets the value: 2 + 2 + 16', async (scene) => {
    const { add, note } = scene;
    const result = await add.s(2, 2).link(add.s(16).link(note.s())).delay();
    assert.equal(await result.get(), 4);
    assert.deepEqual(await scene.noted(1), [20]);
    const [child] = await result.children;
    assert.equal(await child?.get(), 20);
  }),
  withWorker('several callbacks, a group and a chain among them, all run', async (scene) => {
    const { add, note } = scene;
    const signature = add
      .s(1, 1)
      .link(note.s())
      .link(chain(add.s(10), note.s()))
      .link(group(chain(add.s(20), note.s()), chain(add.s(30), note.s())))
      .link(note.si('as it is'));
    await (await signature.delay()).get();
    const notes = [...(await scene.noted(5))].map(String).toSorted();
    assert.deepEqual(notes, ['12', '2', '22', '32', 'as it is']);
  }),
  withWorker('a callback for failures gets the id of the task, or all of it', async (scene) => {
    const { fail, note } = scene;
    const result = await fail.s('bang').linkError(note.s()).delay();
    assert.equal((await scene.failure(result)).message, 'bang');
    assert.deepEqual(await scene.noted(1), [result.id]);
  }),
  withWorker('partial arguments, immutable signatures and options', async ({ add, mul }) => {
    assert.equal(await (await add.s(4).delay(2)).get(), 6);
    assert.equal(await (await add.s().partial(4).delay(2)).get(), 6);
    assert.equal(await (await chain(add.s(1, 1), mul.si(3, 3)).delay()).get(), 9);
    const taskId = 'chosen-by-the-caller';
    const result = await chain(add.s(1, 1), add.s(5)).applyAsync([], { taskId });
    assert.equal(result.id, taskId);
    assert.equal(await result.get(), 7);
    assert.equal(await add.s(4).call(3), 7);
  }),
  withWorker('empty and single forms are defined', async ({ add, xsum, id, app }) => {
    const nothing = [] as Signature<number>[];
    assert.deepEqual(await (await app.client.apply(group(nothing))).get(), []);
    assert.equal(await (await chord(nothing, xsum.s()).delay()).get(), 0);
    assert.equal(await (await chord([add.s(1, 2)], xsum.s()).delay()).get(), 3);
    assert.equal(await (await chain(add.s(1, 2)).delay()).get(), 3);
    assert.deepEqual(await (await group(add.s(1, 2)).delay()).get(), [3]);
    assert.deepEqual(await (await chain(group([add.s(1, 2)]), id.s()).delay()).get(), [3]);
    assert.equal(await (await chain(add.s(1, 2), group(nothing), xsum.s()).delay()).get(), 0);
  }),
];
