import assert from 'node:assert/strict';
import type { TaskContext } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { gate } from './gate.js';
import { LifeScene } from './life-scene.js';

const forever = async (): Promise<never> => await new Promise<never>(() => undefined);

/** Ends with the reason of its signal. */
const untilAborted = async ({ signal }: TaskContext): Promise<never> =>
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

const careful = async (task: TaskContext): Promise<string> => {
  try {
    return await untilAborted(task);
  } catch (error) {
    return `cleaned up after ${(error as { code: string }).code}`;
  }
};

/** Times after which a task is not begun, or not let go on. */
export const timeCases: readonly ConformanceCase[] = [
  {
    name: 'a task that is too old is revoked, and not run',
    run: async (harness) => {
      const runs: string[] = [];
      const note = (task: TaskContext): number => runs.push(task.id);
      const scene = new LifeScene(harness, { note, expiring: { expires: 0.1, run: note } });
      try {
        const { app } = await scene.start({ worker: false });
        const by = new Date(harness.clock.wallNow() + 100);
        const sent = [
          await app.client.send('note', { expires: 0.1 }),
          await app.client.send('note', { expires: by }),
          await app.client.send('expiring'),
        ];
        const fine = await app.client.send('note', { expires: '1h' });
        await harness.advance(200);
        await scene.start();
        for (const result of sent) await scene.untilState(result, 'REVOKED');
        await scene.untilState(fine, 'SUCCESS');
        assert.deepEqual(runs, [fine.id]);
        await scene.untilSettled();
      } finally {
        await scene.stop();
      }
    },
  },
  {
    name: 'a task can catch its soft limit and clean up',
    run: async (harness) => {
      await LifeScene.play(harness, { careful }, async (scene, app) => {
        const result = await app.client.send('careful', { softTimeLimit: 0.1 });
        await scene.untilState(result, 'SUCCESS');
        assert.equal((await result.snapshot()).result, 'cleaned up after LOVAGE_SOFT_TIME_LIMIT');
      });
    },
  },
  {
    name: 'a task that does not catch its soft limit fails with it, or is retried',
    run: async (harness) => {
      const tasks = {
        careless: { softTimeLimit: 0.1, run: untilAborted },
        again: {
          softTimeLimit: 0.1,
          autoretryFor: ['LOVAGE_SOFT_TIME_LIMIT'],
          defaultRetryDelay: 0,
          run: async (task: TaskContext) => (task.retries > 0 ? 'done' : await untilAborted(task)),
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const result = await app.client.send('careless');
        await scene.untilState(result, 'FAILURE');
        assert.equal((await result.snapshot()).error?.remoteCode, 'LOVAGE_SOFT_TIME_LIMIT');
        assert.equal((await result.snapshot()).error?.name, 'SoftTimeLimitExceeded');
        await scene.untilState(await app.client.send('again'), 'SUCCESS');
      });
    },
  },
  {
    name: 'a hard limit ends a task that goes on for ever, frees its slot, and what it still does has no effect',
    run: async (harness) => {
      const late = gate<string>();
      const tasks = {
        endless: { timeLimit: 0.1, run: forever },
        slow: async () => await late.opened,
        next: () => 'ran',
      };
      await LifeScene.play(
        harness,
        tasks,
        async (scene, app) => {
          const endless = await app.client.send('endless');
          const slow = await app.client.send('slow', { timeLimit: 0.1, softTimeLimit: 0.05 });
          const next = await app.client.send('next');
          await scene.untilState(endless, 'FAILURE');
          await scene.untilState(slow, 'FAILURE');
          late.open('too late');
          await scene.untilState(next, 'SUCCESS');
          for (const result of [endless, slow]) {
            const { error, state } = await result.snapshot();
            assert.equal(state, 'FAILURE');
            assert.equal(error?.remoteCode, 'LOVAGE_TIME_LIMIT');
            assert.equal(error?.name, 'TimeLimitExceeded');
          }
          await scene.untilSettled();
          assert.equal(scene.events.filter(({ type }) => type === 'task-failed').length, 2);
        },
        { worker: { concurrency: 1 } },
      );
    },
  },
  {
    name: 'a worker has limits for tasks that have none, and the limits of a call win over all',
    run: async (harness) => {
      const tasks = { endless: forever, patient: { timeLimit: '1h', run: forever } } as const;
      await LifeScene.play(
        harness,
        tasks,
        async (scene, app) => {
          await scene.untilState(await app.client.send('endless'), 'FAILURE');
          await scene.untilState(await app.client.send('patient', { timeLimit: 0.1 }), 'FAILURE');
        },
        { worker: { timeLimit: 0.1 } },
      );
    },
  },
];
