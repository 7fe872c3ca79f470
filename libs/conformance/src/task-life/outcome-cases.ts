import assert from 'node:assert/strict';
import { encodeResult, Ignore, Reject, type ResultRecord, type TaskContext } from '@lovage/core';
import { type Harness, resultsOf } from '../harness.js';
import type { ConformanceCase } from '../conformance-case.js';
import { Taker } from '../taker.js';
import { gate } from './gate.js';
import { LifeScene } from './life-scene.js';

const refuse = (): never => {
  throw new Error('refused');
};

/** Ends other than success and failure, what is kept of them, and when messages are acknowledged. */
export const outcomeCases: readonly ConformanceCase[] = [
  {
    name: 'a task may ignore its message, reject it for good, or have it delivered again',
    run: async (harness) => {
      const tasks = {
        ignored: (): never => {
          throw new Ignore();
        },
        rejected: (): never => {
          throw new Reject('not mine');
        },
        again: (task: TaskContext): number => {
          if (task.deliveries === 1) throw new Reject('later', { requeue: true });
          return task.deliveries;
        },
      };
      await LifeScene.play(harness, tasks, async (scene, app) => {
        await scene.untilState(await app.client.send('ignored'), 'IGNORED');
        await scene.untilState(await app.client.send('rejected'), 'REJECTED');
        const again = await app.client.send('again');
        await scene.untilState(again, 'SUCCESS');
        assert.equal((await again.snapshot()).result, 2);
        await scene.untilSettled();
        assert.deepEqual(
          (await scene.parked()).map(({ reason }) => reason?.code),
          ['LOVAGE_TASK_REJECTED'],
        );
      });
    },
  },
  {
    name: 'of a task with ignoreResult nothing is kept, or its errors only',
    run: async (harness) => {
      const tasks = {
        quiet: { ignoreResult: true, run: refuse },
        loud: { ignoreResult: true, storeErrorsEvenIfIgnored: true, run: refuse },
        fine: { ignoreResult: true, storeErrorsEvenIfIgnored: true, run: () => 1 },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const ids = ['quiet', 'loud', 'fine'].map((stem) => harness.name(stem));
        for (const [index, name] of Object.keys(tasks).entries())
          await app.client.send(name, { taskId: ids[index] });
        await scene.until('the error is kept', async () => {
          const [, loud] = await stored(harness, ids);
          return loud === 'FAILURE';
        });
        await scene.untilSettled();
        const [quiet, loud, fine] = await stored(harness, ids);
        assert.deepEqual([quiet ?? 'PENDING', loud, fine ?? 'PENDING'], ['PENDING', 'FAILURE', 'PENDING']);
      });
    },
  },
  {
    name: 'a task with trackStarted is STARTED while it runs',
    run: async (harness) => {
      const door = gate();
      const tasks = { long: { trackStarted: true, run: async () => await door.opened } };
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const result = await app.client.send('long');
        await scene.untilState(result, 'STARTED');
        door.open();
        await scene.untilState(result, 'SUCCESS');
      });
    },
  },
  {
    name: 'the message of a failed task is parked where the task wants it',
    run: async (harness) => {
      const tasks = { kept: { acksOnFailureOrTimeout: false, run: refuse } };
      await LifeScene.play(harness, tasks, async (scene, app) => {
        await scene.untilState(await app.client.send('kept'), 'FAILURE');
        await scene.until('it is parked', async () => (await scene.parked()).length === 1);
        assert.equal((await scene.parked())[0]?.reason?.code, 'LOVAGE_TASK_PARKED');
      });
    },
  },
  {
    name: 'a message that is acknowledged early is gone while its task runs, and its end is kept all the same',
    run: async (harness) => {
      const door = gate();
      const runs: string[] = [];
      const tasks = {
        once: {
          acksLate: false,
          run: async (task: TaskContext): Promise<string> => {
            runs.push(task.id);
            if (task.retries === 0) {
              await door.opened;
              throw task.retry({ countdown: 0.05 });
            }
            return 'done';
          },
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const result = await app.client.send('once');
        await scene.until('it runs', () => runs.length === 1);
        await scene.untilSettled();
        door.open();
        await scene.untilState(result, 'SUCCESS');
        assert.equal(runs.length, 2);
        await scene.untilSettled();
      });
    },
  },
  {
    name: 'a task whose message was acknowledged early fails when its worker is stopped, and is not run again',
    run: async (harness) => {
      const runs: string[] = [];
      const tasks = {
        once: {
          acksLate: false,
          run: async (task: TaskContext) => {
            runs.push(task.id);
            await new Promise(() => undefined);
          },
        },
      } as const;
      await LifeScene.play(
        harness,
        tasks,
        async (scene, app) => {
          const result = await app.client.send('once');
          await scene.until('it runs', () => runs.length === 1);
          const second = await scene.start();
          await scene.stopOne(app);
          const seen = second.app.client.result(result.id);
          await scene.untilState(seen, 'FAILURE');
          assert.equal((await seen.snapshot()).error?.remoteCode, 'LOVAGE_WORKER_STOPPING');
          await scene.untilSettled();
          assert.equal(runs.length, 1);
        },
        { worker: { drainTimeout: 0 } },
      );
    },
  },
  {
    name: 'a message that comes again after its task has succeeded is acknowledged, and not run',
    run: async (harness) => await recognised(harness, 'SUCCESS', 0),
  },
  {
    name: 'a message that comes again after its task has failed is acknowledged, and not run',
    run: async (harness) => await recognised(harness, 'FAILURE', 0),
  },
  {
    name: 'a message that comes again is run where its task was ignored, wrote a state of its own, or waited for a retry',
    run: async (harness) => {
      for (const state of ['IGNORED', 'PROGRESS', 'RETRY']) await recognised(harness, state, 1);
    },
  },
];

async function stored(
  harness: Harness,
  taskIds: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const records = await resultsOf(harness.view).get({ taskIds, deadline: harness.deadline() });
  return records.map((record) => record?.state);
}

/** Delivers a message twice, the second time with this state stored. */
async function recognised(harness: Harness, state: string, expectedRuns: number): Promise<void> {
  const runs: string[] = [];
  const note = (task: TaskContext): string => {
    runs.push(task.id);
    return 'ran';
  };
  const scene = new LifeScene(harness, { note });
  try {
    const { app: sender } = await scene.start({ worker: false });
    const result = await sender.client.send('note');
    const taker = await Taker.open(harness, { queues: [scene.queue], prefetch: 1 });
    const delivery = await taker.nth(0);
    await taker.consumer.pause();
    const record: ResultRecord = {
      taskId: result.id,
      state,
      result:
        state === 'SUCCESS' ? 'ran before' : { exc_type: 'Error', exc_message: ['before'], exc_module: null },
      traceback: undefined,
      children: [],
      dateDone: undefined,
      groupId: undefined,
      parentId: undefined,
      extended: undefined,
    };
    const limits = { maxBytes: 1e6, maxDecompressedBytes: 1e6, maxDepth: 64 };
    const document = encodeResult(record, { serializer: 'json', limits });
    const deadline = harness.deadline();
    await resultsOf(harness.view).put({ results: [{ taskId: result.id, state, document }], deadline });
    await taker.settle({ kind: 'requeue' }, delivery);
    await taker.close();
    await scene.start();
    await scene.untilSettled();
    assert.equal(runs.length, expectedRuns, state);
    const { state: last, result: value } = await result.snapshot();
    if (expectedRuns === 0)
      assert.deepEqual([last, value], [state, state === 'SUCCESS' ? 'ran before' : undefined]);
    else assert.equal(last, 'SUCCESS');
  } finally {
    await scene.stop();
  }
}
