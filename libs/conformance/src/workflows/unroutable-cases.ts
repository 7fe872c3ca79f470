import assert from 'node:assert/strict';
import { chain, chord } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';
import type { WorkflowScene } from './workflow-scene.js';

const nowhere = { exchange: 'nowhere', routingKey: 'x' };

/** How it ends: with the code of a message that found no queue, at one of the causes. */
async function endsUnroutable(
  scene: WorkflowScene,
  result: { get(): Promise<unknown> },
  pattern = /no queue/,
): Promise<void> {
  const error = await scene.failure(result);
  assert.match(`${error.remoteCode} ${error.message}`, pattern);
}

/** What follows a task and finds no queue fails with its workflow: nobody would ever run it. */
export const unroutableCases: readonly ConformanceCase[] = [
  withWorker('a step without a queue fails, and its chain with it', async (scene) => {
    const { add, note } = scene;
    const result = await chain(add.s(1, 1), add.s(2).set(nowhere), add.s(3)).linkError(note.s()).delay();
    await endsUnroutable(scene, result, /LOVAGE_UNROUTABLE/);
    assert.ok(result.parent);
    await endsUnroutable(scene, result.parent, /LOVAGE_UNROUTABLE/);
    assert.deepEqual(await scene.noted(1), [result.parent.id]);
  }),
  withWorker('the body of a chord without a queue fails, with what follows it', async (scene) => {
    const { add, xsum, note } = scene;
    const body = chain(xsum.s().set(nowhere), add.s(1));
    const result = await chord([add.s(1, 1), add.s(2, 2)], body)
      .linkError(note.s())
      .delay();
    await endsUnroutable(scene, result, /LOVAGE_UNROUTABLE/);
    await scene.noted(1);
  }),
  withWorker('a member without a queue ends its chord', async (scene) => {
    const { add, xsum, note } = scene;
    const later = chord([add.s(1), add.s(2).set(nowhere)], xsum.s());
    const result = await chain(add.s(1, 1), later).linkError(note.s()).delay();
    await endsUnroutable(scene, result, /ChordError|Dependency/);
    await scene.noted(1);
  }),
  withWorker('bodies without a queue one in another end all that waits for them', async (scene) => {
    const { add, xsum, note } = scene;
    const inner = chord([add.s(1, 1), add.s(2, 2)], xsum.s().set(nowhere));
    const outer = chord([inner, add.s(3, 3)], xsum.s().set(nowhere));
    const result = await outer.linkError(note.s()).delay();
    await endsUnroutable(scene, result, /Dependency/);
    await scene.noted(1);
  }),
  withWorker('a callback for failures without a queue fails, and its own callback runs', async (scene) => {
    const { add, fail, xsum, note } = scene;
    const errback = note.s().set({ ...nowhere, taskId: scene.newId() });
    const result = await chain(fail.si('bang'), add.s(1)).linkError(errback.linkError(note.s())).delay();
    assert.equal((await scene.failure(result)).message, 'bang');
    assert.equal((await scene.noted(1)).length, 1);
    const inBody = chord([fail.si('bang'), add.s(1, 1)], xsum.s().set(nowhere));
    const chorded = await inBody
      .linkError(errback.set({ taskId: scene.newId() }).linkError(note.s()))
      .delay();
    assert.equal((await scene.failure(chorded)).name, 'ChordError');
    assert.equal((await scene.noted(2)).length, 2);
  }),
  withWorker('a lost step, whose callback for failures is lost too: that callback has one', async (scene) => {
    const { add, note } = scene;
    const errback = note.s().set({ ...nowhere, taskId: scene.newId() });
    const lost = add.s(2).set(nowhere).linkError(errback.linkError(note.s()));
    const result = await chain(add.s(1, 1), lost).delay();
    await endsUnroutable(scene, result, /LOVAGE_UNROUTABLE/);
    assert.deepEqual(await scene.noted(1), [errback.options['task_id']]);
    const told = await scene.failure(scene.app.client.result(String(errback.options['task_id'])));
    assert.equal(told.remoteCode, 'LOVAGE_UNROUTABLE');
  }),
];
