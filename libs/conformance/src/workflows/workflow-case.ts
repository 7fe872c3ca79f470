import type { ConformanceCase } from '../conformance-case.js';
import { WorkflowScene } from './workflow-scene.js';

/** A case with an app that runs. */
export const withWorker = (name: string, run: (scene: WorkflowScene) => Promise<void>): ConformanceCase => ({
  name,
  run: async (harness) => {
    const scene = await WorkflowScene.open(harness);
    await scene.start();
    try {
      await run(scene);
    } finally {
      await scene.stop();
    }
  },
});
