import assert from 'node:assert/strict';
import type { TaskContext } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { gate } from './gate.js';
import { LifeScene } from './life-scene.js';

/** Tasks that are called off: before they begin, while they wait, while they run. */
export const cancellationCases: readonly ConformanceCase[] = [
  {
    name: 'revoked tasks do not run, queued or delayed, in bulk, also in workers that start later',
    run: async (harness) => {
      const runs: string[] = [];
      const note = (task: TaskContext): number => runs.push(task.id);
      const scene = new LifeScene(harness, { note });
      try {
        const { app } = await scene.start({ worker: false });
        const revoked = [
          await app.client.send('note'),
          await app.client.send('note', { countdown: 0.3 }),
          await app.client.send('note'),
        ];
        const fine = await app.client.send('note');
        await app.client.revoke(revoked.map(({ id }) => id));
        await scene.start();
        for (const result of revoked) await scene.untilState(result, 'REVOKED');
        await scene.untilState(fine, 'SUCCESS');
        assert.deepEqual(runs, [fine.id]);
        await scene.untilSettled();
      } finally {
        await scene.stop();
      }
    },
  },
  {
    name: 'a revoked task that waits for its retry is not run again',
    run: async (harness) => {
      const runs: number[] = [];
      const flaky = (task: TaskContext): never => {
        runs.push(task.retries);
        throw task.retry({ countdown: 0.5 });
      };
      await LifeScene.play(harness, { flaky }, async (scene, app) => {
        const result = await app.client.send('flaky');
        await scene.untilState(result, 'RETRY');
        await result.revoke();
        await scene.untilState(result, 'REVOKED');
        assert.deepEqual(runs, [0]);
      });
    },
  },
  {
    name: 'terminate aborts the signal of a running task, and its caller learns of it; without it the task goes on',
    run: async (harness) => {
      let begun = 0;
      const door = gate();
      const tasks = {
        long: {
          autoretryFor: true,
          run: async (task: TaskContext): Promise<string> => {
            begun += 1;
            await Promise.race([
              door.opened,
              new Promise((_, reject) => {
                task.signal.addEventListener('abort', () => reject(task.signal.reason as Error));
              }),
            ]);
            return 'done';
          },
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const [first, second] = [await app.client.send('long'), await app.client.send('long')];
        await scene.until('both run', () => begun === 2);
        await first.revoke();
        await second.revoke({ terminate: true });
        await scene.untilState(second, 'REVOKED');
        assert.match((await second.snapshot()).error?.message ?? '', /was terminated/);
        door.open();
        await scene.untilState(first, 'SUCCESS');
        await scene.untilSettled();
        assert.equal(begun, 2);
      });
    },
  },
];
