import assert from 'node:assert/strict';
import type { AnyResult } from '@lovage/core';
import fc from 'fast-check';
import type { ConformanceCase } from '../conformance-case.js';
import { withWorker } from './workflow-case.js';
import { fold, type Shape, shapes, signatureOf, sizeOf, valueOf } from './workflow-model.js';

/** Random nested workflows give what a model of them gives. */
export const workflowModelCases = (runs: number): readonly ConformanceCase[] => [
  withWorker(`${runs} random nested workflows give what they should, each task once`, async (scene) => {
    scene.app.registry.add({
      name: 'fold',
      run: (args, { id }) => {
        scene.runs.push(id);
        return fold(args);
      },
      options: {},
      source: 'test.fold',
    });
    const { client } = scene.app;
    await fc.assert(
      fc.asyncProperty(shapes, async (shape: Shape) => {
        scene.runs.length = 0;
        const signature = signatureOf(shape, (n) => client.signature('fold', { args: [n] }));
        const result = (await signature.sender?.send(signature.toJSON(), [], {})) as AnyResult;
        assert.deepEqual(await result.get(), valueOf(shape));
        assert.equal(scene.runs.length, sizeOf(shape));
        assert.equal(new Set(scene.runs).size, scene.runs.length);
      }),
      { numRuns: runs, seed: 20_260_901 },
    );
  }),
];
