import assert from 'node:assert/strict';
import { chain, chord, group, Ignore, Signature, type SignatureJson, type TaskContext } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';
import type { WorkflowScene } from './workflow-scene.js';

/** Defines `extend`, which adds signatures to its chord and gives its number; what it is told of them is kept. */
function extending(scene: WorkflowScene) {
  const ids: string[] = [];
  scene.define('extend', (...given: unknown[]) => {
    const context = given.at(-1) as TaskContext;
    const [value, ...added] = given.slice(0, -1);
    for (const json of added) ids.push(context.addToChord(new Signature(json as SignatureJson)));
    return value;
  });
  const extend = (value: unknown, ...added: readonly { toJSON(): SignatureJson }[]): Signature<number> =>
    scene.app.client.signature<number>('extend', {
      args: [value, ...added.map((one) => one.toJSON())],
      immutable: true,
    });
  return { ids, extend };
}

const sorted = (values: unknown): unknown[] => [values].flat(9).toSorted((a, b) => Number(a) - Number(b));

/** `addToChord`: the body waits for what members of the header add to it. */
export const additionCases: readonly ConformanceCase[] = [
  withWorker('a member adds a task, a chain, a group and a chord to its chord', async (scene) => {
    const { add, xsum, id } = scene;
    const { ids, extend } = extending(scene);
    const added = [
      add.s(10, 10),
      chain(add.s(20, 20), add.s(1)),
      group(add.s(30, 30), add.s(40, 40)),
      chord([add.s(50, 50), add.s(60, 60)], xsum.s()),
      chord([add.s(1, 1)], group(id.si(7), id.si(8))),
    ];
    const header = [add.s(1, 1), extend(2, ...added), add.s(3, 3)];
    const result = await chord(header, id.s()).delay();
    const values = (await result.get()) as readonly number[];
    assert.deepEqual(sorted(values), [2, 2, 6, 7, 8, 20, 41, 60, 80, 220]);
    // They stand beside the member that has added them, in any order.
    assert.deepEqual([values[0], values.at(-1)], [2, 6]);
    assert.equal(await scene.app.client.result(ids[0] ?? '').get(), 20);
    assert.equal(await scene.app.client.result(ids[1] ?? '').get(), 41);
    assert.equal(await scene.app.client.result(ids[3] ?? '').get(), 220);
  }),
  withWorker(
    'the only member adds one that adds one, in a chain and in a body in a header',
    async (scene) => {
      const { add, xsum } = scene;
      const { extend } = extending(scene);
      const deep = extend(1, extend(2, extend(3, add.s(2, 2))));
      assert.equal(await (await chord([deep], xsum.s()).delay()).get(), 10);
      assert.equal(await (await chord([chain(add.s(1, 1), deep), add.s(1, 1)], xsum.s()).delay()).get(), 12);
      const body = chain(xsum.s(), deep);
      assert.equal(
        await (await chord([chord([add.s(1, 1)], body), add.s(1, 1)], xsum.s()).delay()).get(),
        12,
      );
      assert.equal(await (await chain(add.s(1, 1), group(deep, add.s(1)), xsum.s()).delay()).get(), 13);
    },
  ),
  withWorker('where members give arrays, what is added stands at the end', async (scene) => {
    const { add, id } = scene;
    const { extend } = extending(scene);
    const header = [chain(add.s(1, 1), group(add.s(1), add.s(2))), extend(5, add.s(3, 3)), add.s(4, 4)];
    assert.deepEqual(await (await chord(header, id.s()).delay()).get(), [[3, 4], 5, 8, 6]);
  }),
  withWorker('what replaces a member may add to its chord', async (scene) => {
    const { add, xsum } = scene;
    const { extend } = extending(scene);
    scene.define('swap', (json: unknown, context: TaskContext) => {
      throw context.replace(new Signature(json as SignatureJson));
    });
    const by = chain(add.s(1, 1), extend(5, add.s(3, 3)));
    const swap = scene.app.client.signature<number>('swap', { args: [by.toJSON()], immutable: true });
    assert.equal(await (await chord([swap, add.s(1, 1)], xsum.s()).delay()).get(), 13);
  }),
  withWorker('an added member that fails ends the chord', async (scene) => {
    const { add, xsum, fail, note } = scene;
    const { extend, ids } = extending(scene);
    const result = await chord([extend(1, fail.si('bang')), add.s(1, 1)], xsum.s())
      .linkError(note.s())
      .delay();
    const error = await scene.failure(result);
    assert.equal(error.name, 'ChordError');
    assert.equal(error.message, `Dependency ${ids[0]} raised RangeError('bang')`);
    assert.deepEqual(await scene.noted(1), [result.id]);
  }),
  withWorker('an added member that finds no queue, or that nobody knows, ends the chord', async (scene) => {
    const { add, xsum, app } = scene;
    const { extend } = extending(scene);
    const unroutable = add.s(1, 1).set({ exchange: 'nowhere', routingKey: 'x' });
    for (const lost of [unroutable, app.client.signature('nobody.knows')]) {
      const error = await scene.failure(await chord([extend(1, lost), add.s(1, 1)], xsum.s()).delay());
      assert.equal(error.name, 'ChordError');
    }
  }),
  withWorker('a run that fails, is tried again or is ignored has added nothing', async (scene) => {
    const { add, xsum, note } = scene;
    scene.define('flaky', (context: TaskContext) => {
      context.addToChord(note.s('added').set({ taskId: scene.newId() }));
      if (context.retries === 0) throw context.retry({ countdown: 0 });
      return 1;
    });
    const flaky = scene.app.client.signature<number>('flaky', { immutable: true });
    assert.ok(await (await chord([flaky, add.s(1, 1)], scene.id.s()).delay()).get());
    assert.deepEqual(scene.notes, ['added']);
    const ends: Readonly<Record<string, () => never>> = {
      ignored: () => {
        throw new Ignore();
      },
      failed: () => {
        throw new RangeError('bang');
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      scene.define(name, (context: TaskContext) => {
        context.addToChord(note.s(name));
        end();
      });
      const one = scene.app.client.signature<number>(name, { immutable: true });
      await scene.failure(await chord([one, add.s(1, 1)], xsum.s()).delay());
    }
    assert.deepEqual(scene.notes, ['added']);
  }),
  withWorker('adding is refused where there is no chord, and to what can not be a part', async (scene) => {
    const { add, xsum } = scene;
    const { extend } = extending(scene);
    const alone = await scene.failure(await extend(1, add.s(1, 1)).delay());
    assert.equal(alone.remoteCode, 'LOVAGE_NOT_IN_CHORD');
    const inGroup = await group([extend(1, add.s(1, 1)), add.s(1, 1)]).delay();
    assert.equal((await scene.failure(inGroup)).remoteCode, 'LOVAGE_NOT_IN_CHORD');
    const empty = new Signature({ ...chain(add.s(1, 1)).toJSON(), kwargs: { tasks: [] } });
    const error = await scene.failure(await chord([extend(1, empty)], xsum.s()).delay());
    assert.match(error.message, /empty chain/);
    const nothing = group([] as Signature<number>[]);
    assert.equal(await (await chord([extend(1, nothing)], xsum.s()).delay()).get(), 1);
  }),
];
