import assert from 'node:assert/strict';
import { type AnyResult, type AnySignature, chain, chord, Signature, type SignatureJson } from '@lovage/core';
import fc from 'fast-check';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';
import {
  fold,
  idsOf,
  replaced,
  replacingShapes,
  type Shape,
  signatureOf,
  sizeOf,
  task,
  valueOf,
} from './workflow-model.js';
import type { WorkflowScene } from './workflow-scene.js';

/** Tasks of the model: `fold`, and `swap`, which lets the signature that it is given take its place. */
function defineModel({ app, runs }: WorkflowScene): void {
  app.registry.add({
    name: 'fold',
    run: (args, { id }) => {
      runs.push(id);
      return fold(args);
    },
    options: {},
    source: 'test.fold',
  });
  app.registry.add({
    name: 'swap',
    run: ([json], context) => {
      runs.push(context.id);
      throw context.replace(new Signature(json as SignatureJson));
    },
    options: {},
    source: 'test.swap',
  });
}

const shapeIn = ({ app: { client } }: WorkflowScene, shape: Shape): AnySignature =>
  signatureOf(shape, (n, _place, by) =>
    by === undefined
      ? client.signature('fold', { args: [n] })
      : client.signature('swap', { args: [by.toJSON()], immutable: true }),
  );

const send = async (signature: AnySignature, options: SignatureJson['options'] = {}): Promise<AnyResult> =>
  (await signature.sender?.send(signature.toJSON(), [], options)) as AnyResult;

const three = [task(1), task(2), task(3)];
/** What may take the place of a task. */
const replacements: Readonly<Record<string, Shape>> = {
  'a task': task(5),
  'a chain': { kind: 'chain', steps: three },
  'a group': { kind: 'group', members: three },
  'a group of one': { kind: 'group', members: [task(5)] },
  'a chord': { kind: 'chord', header: three, body: task(4) },
  'a chain that ends with a group': { kind: 'chain', steps: [task(1), { kind: 'group', members: three }] },
  'a chord whose body is a group': { kind: 'chord', header: three, body: { kind: 'group', members: three } },
  'a chord whose body is a chain': { kind: 'chord', header: three, body: { kind: 'chain', steps: three } },
  'a task that is replaced in its turn': replaced({ kind: 'chain', steps: [task(1), replaced(task(2))] }),
  'a chain whose end is replaced by a chain': {
    kind: 'chain',
    steps: [
      task(1),
      replaced({ kind: 'chain', steps: [task(2), replaced({ kind: 'chain', steps: three })] }),
    ],
  },
  'a chord whose body is replaced by a chord': {
    kind: 'chord',
    header: three,
    body: replaced({ kind: 'chord', header: three, body: replaced({ kind: 'group', members: three }) }),
  },
};

/** Where the task may stand. */
const places: Readonly<Record<string, (one: Shape) => Shape>> = {
  alone: (one) => one,
  'a first step': (one) => ({ kind: 'chain', steps: [one, task(7), task(8)] }),
  'a last step': (one) => ({ kind: 'chain', steps: [task(7), task(8), one] }),
  'a member of a group': (one) => ({ kind: 'group', members: [task(7), one, task(8)] }),
  'a member of a header': (one) => ({ kind: 'chord', header: [task(7), one, task(8)], body: task(9) }),
  'a step of a member of a header': (one) => ({
    kind: 'chord',
    header: [
      { kind: 'chain', steps: [one, task(7)] },
      { kind: 'chain', steps: [task(7), one] },
    ],
    body: task(9),
  }),
  'a body': (one) => ({ kind: 'chord', header: [task(7), task(8)], body: one }),
  'a step of a body in a header': (one) => ({
    kind: 'chord',
    header: [
      { kind: 'chord', header: [task(7), task(8)], body: { kind: 'chain', steps: [one, task(9)] } },
      one,
    ],
    body: task(9),
  }),
};

/** Each replacement in each place gives what it should, with all of its runs and none more. */
const tableCases: readonly ConformanceCase[] = Object.entries(replacements).map(([name, by]) =>
  withWorker(`a task is replaced by ${name}, wherever it stands`, async (scene) => {
    defineModel(scene);
    for (const [place, around] of Object.entries(places)) {
      scene.runs.length = 0;
      const shape = around(replaced(by));
      const result = await send(shapeIn(scene, shape));
      assert.deepEqual(await result.get({ timeout: '30s' }), valueOf(shape), `${name} as ${place}`);
      assert.equal(scene.runs.length, sizeOf(shape), `${name} as ${place}`);
      assert.equal(new Set(scene.runs).size, idsOf(shape), `${name} as ${place}: ids`);
    }
  }),
);

const randomCase = withWorker(
  '60 random workflows whose tasks are replaced by random ones',
  async (scene) => {
    defineModel(scene);
    await fc.assert(
      fc.asyncProperty(replacingShapes, async (shape) => {
        fc.pre(sizeOf(shape) <= 60);
        scene.runs.length = 0;
        const result = await send(shapeIn(scene, shape));
        assert.deepEqual(await result.get({ timeout: '30s' }), valueOf(shape));
        assert.equal(scene.runs.length, sizeOf(shape));
        assert.equal(new Set(scene.runs).size, idsOf(shape));
      }),
      { numRuns: 60, seed: 20_261_122, endOnFailure: true },
    );
  },
);

/** A task that lets a signature take its place. */
const replacedBy = (scene: WorkflowScene, signature: AnySignature): Signature<number> =>
  scene.app.client.signature<number>('swap', { args: [signature.toJSON()], immutable: true });

const otherCases: readonly ConformanceCase[] = [
  withWorker('what was to follow a task runs once, after what has replaced it', async (scene) => {
    defineModel(scene);
    const { add, xsum, note, fail } = scene;
    const good = [add.s(2, 2), chain(add.s(1, 1), add.s(2)), chord([add.s(1, 1), add.s(1, 1)], xsum.s())];
    for (const by of good) await (await replacedBy(scene, by).link(note.s()).delay()).get();
    assert.deepEqual(await scene.noted(good.length), [4, 4, 4]);
    const bad = [fail.si('bang'), chain(add.s(1, 1), fail.si('bang')), chord([fail.si('bang')], xsum.s())];
    for (const [index, by] of bad.entries()) {
      const result = await replacedBy(scene, by).linkError(note.s()).delay();
      await scene.failure(result);
      const notes = await scene.noted(good.length + index + 1);
      assert.equal(notes.at(-1), result.id);
    }
  }),
  withWorker('what can not take the place of a task fails it', async (scene) => {
    defineModel(scene);
    const { add, xsum, app } = scene;
    const { body } = chord([add.s(1, 1)], xsum.s()).toJSON().kwargs;
    const wrong = [
      new Signature({ ...chain(add.s(1, 1)).toJSON(), kwargs: { tasks: [] } }),
      new Signature({ ...add.s(1, 1).toJSON(), options: { chord: body } }),
    ];
    for (const by of wrong) {
      const result = await chain(
        replacedBy(scene, by),
        app.client.signature<number>('add', { args: [1] }),
      ).delay();
      assert.equal((await scene.failure(result)).remoteCode, 'LOVAGE_SIGNATURE_INVALID');
    }
  }),
];

export const replacementCases: readonly ConformanceCase[] = [...tableCases, randomCase, ...otherCases];
