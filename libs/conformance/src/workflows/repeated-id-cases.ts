import assert from 'node:assert/strict';
import { chain, chord, group, isLovageError, type Signature } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';
import type { WorkflowScene } from './workflow-scene.js';

/** A chord under an id that the caller chooses. */
function chordUnder(groupId: string, { add, xsum, app }: WorkflowScene): Signature<number> {
  const json = chord([add.s(1, 1), add.s(2, 2)], xsum.s()).toJSON();
  const header = { ...group(add.s(1, 1), add.s(2, 2)).toJSON(), options: { task_id: groupId } };
  return app.client.signature<number>({ ...json, kwargs: { ...json.kwargs, header } });
}

async function isRefused(send: () => Promise<unknown>): Promise<void> {
  await assert.rejects(send, (error) => isLovageError(error, 'LOVAGE_SIGNATURE_INVALID'));
}

/** One id for two things: refused where it can be known, and harmless elsewhere. */
export const repeatedIdCases: readonly ConformanceCase[] = [
  withWorker('a workflow in which a task id stands twice is refused', async (scene) => {
    const { add, xsum, app, runs } = scene;
    const taskId = scene.newId();
    const same = add.s(1, 1).set({ taskId });
    await isRefused(async () => await group(same, same).delay());
    await isRefused(async () => await chord([same, add.s(2, 2), same], xsum.s()).delay());
    await isRefused(async () => await chord([same, add.s(2, 2)], xsum.s().set({ taskId })).delay());
    await isRefused(async () => await app.client.apply(chain(same, add.s(1).set({ taskId }))));
    await isRefused(
      async () => await chain(add.s(1, 1), group(add.s(1).set({ taskId }), add.s(2).set({ taskId }))).delay(),
    );
    assert.deepEqual(runs, []);
  }),
  withWorker('a workflow in which two chords have one id is refused', async (scene) => {
    const { app, runs } = scene;
    const one = chordUnder(scene.newId(), scene);
    await isRefused(async () => await app.client.apply(group(one, one)));
    assert.deepEqual(runs, []);
  }),
  withWorker(
    'a chord under the id of another one, later in its workflow, ends with a coded error',
    async (scene) => {
      const { id, app } = scene;
      const groupId = scene.newId();
      await (await app.client.apply(chordUnder(groupId, scene))).get();
      const again = await app.client.apply(chain(id.s(1), chordUnder(groupId, scene)));
      const error = await scene.failure(again);
      assert.equal(error.remoteCode, 'LOVAGE_CHORD_ID_TAKEN');
    },
  ),
  withWorker('two groups under one id do not touch each other', async (scene) => {
    const { add } = scene;
    const taskId = scene.newId();
    const first = await group(add.s(1, 1), add.s(2, 2)).applyAsync([], { taskId });
    const second = await group(add.s(3, 3), add.s(4, 4)).applyAsync([], { taskId });
    assert.deepEqual([first.id, second.id], [taskId, taskId]);
    assert.deepEqual(await first.get(), [2, 4]);
    assert.deepEqual(await second.get(), [6, 8]);
  }),
  withWorker('equal callbacks run once', async (scene) => {
    const { add, fail, note } = scene;
    const linked = add.s(1, 1).link(note.s()).link(note.s()).link(note.si('last'));
    await (await linked.delay()).get();
    assert.deepEqual([...(await scene.noted(2))].map(String).toSorted(), ['2', 'last']);
    const failing = fail.s('bang').linkError(note.s()).linkError(note.s()).linkError(note.si('end'));
    const result = await failing.delay();
    await scene.failure(result);
    await scene.noted(4);
    await scene.harness.quiet();
    assert.deepEqual([...scene.notes].slice(2).map(String).toSorted(), [result.id, 'end'].toSorted());
  }),
];
