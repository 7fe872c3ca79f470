import assert from 'node:assert/strict';
import { chain, chord, group, isLovageError } from '@lovage/core';
import { membersOf } from './members-of.js';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';

/** A failing member at each position of each shape: one clear error, at each id that somebody may wait for. */
export const failureCases: readonly ConformanceCase[] = [
  ...[0, 1, 2].map((at) =>
    withWorker(`a chain ends with the error of its step ${at + 1}`, async (scene) => {
      const { add, fail, note } = scene;
      const steps = [add.s(1, 2), add.s(3), add.s(4)].map((step, index) =>
        index === at ? fail.si('bang') : step,
      );
      const [first, second, third] = steps;
      assert.ok(first && second && third);
      const result = await chain(first, second, third).linkError(note.s()).delay();
      assert.equal((await scene.failure(result)).message, 'bang');
      const failed = [result, result.parent, result.parent?.parent][2 - at];
      assert.deepEqual(await scene.noted(1), [failed?.id]);
      assert.equal(await result.state(), 'FAILURE');
    }),
  ),
  ...[0, 1, 2].map((at) =>
    withWorker(`a group gives the error of its member ${at + 1}; the others go on`, async (scene) => {
      const { add, fail } = scene;
      const result = await group(
        [0, 1, 2].map((index) => (index === at ? fail.si('bang') : add.s(index, index))),
      ).delay();
      assert.equal((await scene.failure(result)).message, 'bang');
      for (const [index, member] of result.results.entries())
        if (index !== at) assert.equal(await member.get(), index * 2);
      assert.equal(await result.failed(), true);
      assert.equal(await result.successful(), false);
    }),
  ),
  ...[0, 1, 2].map((at) =>
    withWorker(`a chord ends with a ChordError that names its member ${at + 1}`, async (scene) => {
      const { add, fail, xsum, note } = scene;
      const header = [0, 1, 2].map((index) => (index === at ? fail.si('bang') : add.s(index, index)));
      const result = await chord(header, chain(xsum.s(), add.s(1)))
        .linkError(note.s())
        .delay();
      const error = await scene.failure(result);
      assert.equal(error.name, 'ChordError');
      const members = membersOf(result.parent?.parent);
      assert.equal(error.message, `Dependency ${members[at]?.id} raised RangeError('bang')`);
      assert.deepEqual(await scene.noted(1), [result.id]);
      assert.equal(await result.parent?.failed(), true);
    }),
  ),
  withWorker('the body of a chord that fails is the end of it', async (scene) => {
    const { add, fail, note } = scene;
    const result = await chord([add.s(1, 1), add.s(2, 2)], fail.s())
      .linkError(note.s())
      .delay();
    assert.equal((await scene.failure(result)).message, '2,4');
    assert.deepEqual(await scene.noted(1), [result.id]);
  }),
  withWorker(
    'a step that fails ends the chord that it is a part of, and what is around that',
    async (scene) => {
      const { add, fail, xsum, mul } = scene;
      const inner = chord([add.s(1, 1), chain(add.s(1, 1), fail.si('deep'), mul.s(2))], xsum.s());
      const outer = chord([inner, add.s(3, 3)], chain(xsum.s(), mul.s(2)));
      const error = await scene.failure(await outer.delay());
      assert.equal(error.name, 'ChordError');
      assert.match(
        error.message,
        /^Dependency .* raised ChordError\(.*Dependency .* raised RangeError\(.*deep/,
      );
    },
  ),
  withWorker('a step that fails ends the groups and chords that would have come after it', async (scene) => {
    const { add, fail, xsum } = scene;
    const result = await chain(
      fail.si('early'),
      group(add.s(1), add.s(2)),
      xsum.s(),
      group(add.s(1), add.s(2)),
    ).delay();
    assert.equal((await scene.failure(result)).message, 'early');
    for (const member of result.results) assert.equal((await scene.failure(member)).message, 'early');
    assert.equal((await scene.failure({ get: async () => await result.parent?.get() })).message, 'early');
  }),
  withWorker('a task that nobody knows ends its workflow', async (scene) => {
    const { add, xsum, app } = scene;
    const result = await chord([add.s(1, 1), app.client.signature<number>('nobody.knows')], xsum.s()).delay();
    const error = await scene.failure(result);
    assert.equal(error.name, 'ChordError');
    assert.match(error.message, /NotRegistered\('nobody.knows'\)/);
  }),
  withWorker('a member that was revoked ends its chord, and its callback runs', async (scene) => {
    const { add, xsum, note, app } = scene;
    const taskId = scene.newId();
    await app.client.revoke(taskId);
    const header = [add.s(1, 1), add.s(2, 2).set({ taskId })];
    const error = await scene.failure(await chord(header, xsum.s()).linkError(note.s()).delay());
    assert.equal(error.name, 'ChordError');
    assert.match(error.message, /TaskRevokedError\('revoked'\)/);
    await scene.noted(1);
  }),
  withWorker('a step that has expired ends its chain', async (scene) => {
    const { add, note } = scene;
    const expired = add.s(2, 2).set({ expires: new Date(scene.harness.clock.wallNow() - 60_000) });
    const result = await chain(expired, add.s(3), add.s(4)).linkError(note.s()).delay();
    await assert.rejects(
      async () => await result.get(),
      (error) => isLovageError(error, 'LOVAGE_TASK_REVOKED'),
    );
    await scene.noted(1);
  }),
  withWorker('a group can revoke what has not begun when a member fails', async (scene) => {
    const { add, fail, app } = scene;
    const later = add.s(1, 1).set({ countdown: 3600 });
    const result = await group(fail.si('bang'), later).delay();
    await assert.rejects(async () => await result.get({ revokeOnFailure: true }));
    const ids = result.results.map(({ id }) => id);
    const deadline = scene.harness.deadline();
    assert.deepEqual(await app.stores.ledger?.revoked({ taskIds: ids, deadline }), new Set(ids));
  }),
];
