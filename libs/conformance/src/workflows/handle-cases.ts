import assert from 'node:assert/strict';
import { chain, chord, group, isLovageError, type TaskContext, toDot, toMermaid } from '@lovage/core';
import { membersOf } from './members-of.js';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';

/** Handles on workflows. */
export const handleCases: readonly ConformanceCase[] = [
  withWorker('a group is saved and found again by its id', async ({ add, app }) => {
    const result = await group(add.s(1, 1), chain(add.s(2, 2), add.s(1))).delay();
    assert.equal(await app.client.restoreGroup(result.id), undefined);
    await result.save();
    const restored = await app.client.restoreGroup(result.id);
    assert.deepEqual(await restored?.get(), [2, 5]);
    assert.equal(await restored?.results[1]?.parent?.get(), 4);
  }),
  withWorker('values are read as they come', async ({ add }) => {
    const result = await group([1, 2, 3].map((index) => add.s(index, index))).delay();
    const seen = new Map<number, unknown>();
    for await (const [index, value] of result) seen.set(index, value);
    assert.deepEqual(
      [...seen].toSorted(([a], [b]) => a - b),
      [
        [0, 2],
        [1, 4],
        [2, 6],
      ],
    );
  }),
  withWorker('the graph of a workflow has its tasks, what they wait for, and their states', async (scene) => {
    const { add, xsum } = scene;
    const result = await chain(add.s(1, 1), group(add.s(1), add.s(2)), xsum.s()).delay();
    await result.get();
    const graph = await result.graph();
    assert.deepEqual(graph.nodes.map(({ task, state }) => `${task} ${state}`).toSorted(), [
      'add SUCCESS',
      'add SUCCESS',
      'add SUCCESS',
      'xsum SUCCESS',
    ]);
    assert.equal(graph.edges.length, 4);
    assert.equal(graph.edges.filter(({ to }) => to === result.id).length, 2);
    assert.match(toDot(graph), /^digraph workflow \{[^]*->[^]*\}\n$/);
    assert.match(toMermaid(graph), /^flowchart TD\n[^]*-->/);
  }),
  withWorker('ids, parents and roots are as Celery has them', async (scene) => {
    const seen: Record<string, { root: string; parent: string | undefined; group: string | undefined }> = {};
    scene.app.registry.add({
      name: 'look',
      run: (args, task) => {
        seen[task.id] = { root: task.rootId, parent: task.parentId, group: task.group };
        return args[0];
      },
      options: {},
      source: 'test.look',
    });
    const look = scene.caller<[value?: unknown], unknown>('look');
    const result = await chain(look.s(1), group(look.s(), look.s()), look.s()).delay();
    await result.get();
    const header = result.parent;
    const first = header?.parent;
    assert.ok(first && header);
    const { id: rootId } = first;
    assert.deepEqual(seen[rootId], { root: rootId, parent: undefined, group: undefined });
    const members = membersOf(header);
    for (const { id } of members)
      assert.deepEqual(seen[id], { root: rootId, parent: rootId, group: header.id });
    assert.equal(seen[result.id]?.root, rootId);
    assert.ok(members.some(({ id }) => id === seen[result.id]?.parent));
  }),
  withWorker('a task is replaced: by a task, a chain, a group, in a chain and in a chord', async (scene) => {
    const { add, xsum, note } = scene;
    const instead = {
      task: add.s(2, 2),
      chain: chain(add.s(2, 2), add.s(1)),
      group: group(add.s(1, 1), add.s(2, 2)),
    };
    for (const [kind, signature] of Object.entries(instead)) {
      scene.define(`by-${kind}`, (...args: unknown[]) => {
        throw (args.at(-1) as TaskContext).replace(signature);
      });
    }
    const by = (kind: string) => scene.caller<[], number>(`by-${kind}`).si();
    assert.equal(await (await by('task').delay()).get(), 4);
    assert.equal(await (await by('chain').delay()).get(), 5);
    assert.deepEqual(await (await by('group').delay()).get(), [2, 4]);
    assert.equal(await (await chain(by('chain'), add.s(10)).delay()).get(), 15);
    assert.equal(await (await chord([by('task'), by('chain'), add.s(1, 0)], xsum.s()).delay()).get(), 10);
    await (await by('chain').link(note.s()).delay()).get();
    assert.deepEqual(await scene.noted(1), [5]);
  }),
  withWorker('a chord id that is used twice is refused', async ({ add, xsum }) => {
    const json = chord([add.s(1, 1)], xsum.s()).toJSON();
    const sender = add.s().sender;
    assert.ok(sender);
    const header = { ...group(add.s(1, 1)).toJSON(), options: { task_id: 'the-same' } };
    const fixed = { ...json, kwargs: { ...json.kwargs, header } };
    await sender.send(fixed, [], {});
    await assert.rejects(
      async () => await sender.send(fixed, [], {}),
      (error) => isLovageError(error, 'LOVAGE_CHORD_ID_TAKEN'),
    );
  }),
  withWorker('nothing of a workflow is left open', async (scene) => {
    const { add, xsum, fail, app } = scene;
    await (await chord([add.s(1, 1), add.s(2, 2)], xsum.s()).delay()).get();
    await scene.failure(await chord([add.s(1, 1), fail.si('bang')], xsum.s()).delay());
    const open = async (): Promise<number> => {
      const chords = await app.stores.results?.openChords({
        beforeMs: 9e15,
        limit: 10,
        deadline: scene.harness.deadline(),
      });
      return chords?.length ?? -1;
    };
    await scene.harness.eventually('all chords should be closed', async () => (await open()) === 0);
  }),
];
