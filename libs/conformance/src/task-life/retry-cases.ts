import assert from 'node:assert/strict';
import { type RetryPolicy, type TaskContext, UnrecoverableError } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { LifeScene } from './life-scene.js';

class Busy extends Error {
  override readonly name: string = 'Busy';
}

class VeryBusy extends Busy {
  override readonly name = 'VeryBusy';
}

/** Delay of retries for which a case waits: seconds. */
const soon = 0.05;

/** A task that fails so often, and then gives the number of its run. */
const failing =
  (times: number, error: () => unknown) =>
  (task: TaskContext): number => {
    // reason: whatever the case wants to be thrown.
    // oxlint-disable-next-line only-throw-error
    if (task.retries < times) throw error();
    return task.retries;
  };

const policies: readonly (readonly [string, RetryPolicy, () => unknown])[] = [
  ['by its class', { autoretryFor: [RangeError, Busy] }, () => new VeryBusy('x')],
  ['by the name of a class that it extends', { autoretryFor: ['Busy'] }, () => new VeryBusy('x')],
  ['by its code', { autoretryFor: ['EBUSY'] }, () => Object.assign(new Error('x'), { code: 'EBUSY' })],
  [
    'by a function',
    { autoretryFor: [(error: unknown): boolean => String(error).includes('busy')] },
    () => new Error('busy'),
  ],
  ['as all are', { autoretryFor: true }, () => 'just text'],
  [
    'with a delay of its own',
    {
      autoretryFor: [{ error: Busy, delay: ({ retries }): number => soon * (retries + 1), maxRetries: 2 }],
      defaultRetryDelay: '1h',
      maxRetries: 0,
    },
    () => new Busy('x'),
  ],
  [
    'when it says so itself',
    { autoretryFor: [Busy], defaultRetryDelay: '1h' },
    () => Object.assign(new Busy('x'), { response: { headers: { 'retry-after': String(soon) } } }),
  ],
  [
    'with a growing delay',
    { autoretryFor: [Busy], retryBackoff: soon, retryBackoffMax: 1, defaultRetryDelay: '1h' },
    () => new Busy('x'),
  ],
];

const automatic: readonly ConformanceCase[] = policies.map(([how, policy, error]) => ({
  name: `an error is retried ${how}`,
  run: async (harness) => {
    const tasks = { flaky: { defaultRetryDelay: soon, ...policy, run: failing(2, error) } };
    await LifeScene.play(harness, tasks, async (scene, app) => {
      const result = await app.client.send<number>('flaky');
      await scene.untilState(result, 'SUCCESS');
      assert.equal((await result.snapshot()).result, 2);
    });
  },
}));

const late = (task: TaskContext): never => {
  throw task.retry({ countdown: 0.6, expires: 0.2 });
};

/** Retries that a task asks for, and those that its policy makes of failures. */
export const retryCases: readonly ConformanceCase[] = [
  ...automatic,
  {
    name: 'a task that asks for a retry runs again under its id, and every attempt is kept',
    run: async (harness) => {
      const runs: number[] = [];
      const flaky = (task: TaskContext): string => {
        runs.push(task.retries);
        if (task.retries < 2) throw task.retry({ error: new Busy('not yet'), countdown: 0.5 });
        return 'at last';
      };
      await LifeScene.play(harness, { flaky }, async (scene, app) => {
        const result = await app.client.send('flaky', { headers: { own: 'kept' } });
        await scene.untilState(result, 'RETRY');
        assert.equal((await result.snapshot()).error?.message, 'not yet');
        await scene.untilState(result, 'SUCCESS');
        assert.deepEqual(runs, [0, 1, 2]);
        const attempts = (await result.snapshot()).attempts ?? [];
        assert.deepEqual(
          attempts.map(({ retries, error }) => [retries, error]),
          [
            [0, 'Busy: not yet'],
            [1, 'Busy: not yet'],
            [2, undefined],
          ],
        );
        assert.ok(attempts.every(({ startedMs, endedMs, worker }) => startedMs <= endedMs && worker !== ''));
        await scene.untilSettled();
      });
    },
  },
  {
    name: 'a retry may have other arguments, and an eta',
    run: async (harness) => {
      const part = (task: TaskContext, from: unknown, to: unknown): unknown => {
        const eta = new Date(harness.clock.wallNow() + 50);
        if (task.retries === 0) throw task.retry({ args: [Number(from) + 1], kwargs: { to }, eta });
        return [from, to, Object.keys(task.headers)];
      };
      await LifeScene.play(harness, { part }, async (scene, app) => {
        const result = await app.client.send('part', { args: [1, 9], headers: { own: 'kept' } });
        await scene.untilState(result, 'SUCCESS');
        assert.deepEqual((await result.snapshot()).result, [2, { to: 9 }, ['own']]);
      });
    },
  },
  {
    name: 'a task without retries left fails with its last error, and its message is parked',
    run: async (harness) => {
      const hopeless = (task: TaskContext): never => {
        throw task.retry({ error: new Busy(`run ${task.retries}`), countdown: soon, maxRetries: 2 });
      };
      const tasks = {
        hopeless,
        stubborn: {
          autoretryFor: true,
          maxRetries: 1,
          defaultRetryDelay: soon,
          run: failing(9, () => new Busy('always')),
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const [asked, stubborn] = [await app.client.send('hopeless'), await app.client.send('stubborn')];
        await scene.untilState(asked, 'FAILURE');
        await scene.untilState(stubborn, 'FAILURE');
        assert.equal((await asked.snapshot()).error?.message, 'run 2');
        assert.equal((await stubborn.snapshot()).error?.message, 'always');
        assert.equal((await asked.snapshot()).attempts?.length, 3);
        await scene.until('both are parked', async () => (await scene.parked()).length === 2);
        for (const { reason } of await scene.parked())
          assert.equal(reason?.code, 'LOVAGE_MAX_RETRIES_EXCEEDED');
        await scene.untilSettled();
      });
    },
  },
  {
    name: 'a parked message is sent again as if it had not been tried, or dropped',
    run: async (harness) => {
      let isMended = false;
      const runs: number[] = [];
      const tasks = {
        broken: {
          autoretryFor: true,
          maxRetries: 1,
          defaultRetryDelay: 0,
          run: (task: TaskContext): string => {
            runs.push(task.retries);
            if (!isMended) throw new Busy('broken');
            return 'mended';
          },
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const [result, other] = [await app.client.send('broken'), await app.client.send('broken')];
        await scene.until('both are parked', async () => (await scene.parked()).length === 2);
        assert.equal(await app.client.dropParked(other.id), true);
        isMended = true;
        assert.equal(await app.client.resend(result.id), true);
        // A handle keeps the end that it has seen.
        const state = async (): Promise<string> => await app.client.result(result.id).state();
        await scene.until('it succeeds', async () => (await state()) === 'SUCCESS');
        assert.deepEqual(
          [await app.client.resend(result.id), await app.client.resend(other.id)],
          [false, false],
        );
        assert.equal((await app.client.result(result.id).snapshot()).attempts, undefined);
        assert.equal(runs.at(-1), 0);
        await scene.untilSettled();
        assert.deepEqual(await scene.parked(), []);
      });
    },
  },
  {
    name: 'what is not to be retried fails at once, and is not parked',
    run: async (harness) => {
      const policy = { autoretryFor: [Busy], dontRetryFor: [VeryBusy], defaultRetryDelay: soon };
      const tasks = {
        other: { ...policy, run: failing(9, () => new RangeError('other')) },
        excluded: { ...policy, run: failing(9, () => new VeryBusy('excluded')) },
        final: { autoretryFor: true, run: failing(9, () => new UnrecoverableError('final')) },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        for (const name of Object.keys(tasks)) {
          const result = await app.client.send(name);
          await scene.untilState(result, 'FAILURE');
          assert.equal((await result.snapshot()).error?.message, name);
        }
        await scene.untilSettled();
        assert.deepEqual(await scene.parked(), []);
        assert.ok(scene.events.every(({ type }) => type !== 'task-retried'));
      });
    },
  },
  {
    name: 'a budget of time ends retries that have no other end',
    run: async (harness) => {
      const tasks = {
        endless: {
          autoretryFor: true,
          maxRetries: null,
          defaultRetryDelay: 0.2,
          retryFor: 0.5,
          run: failing(1000, () => new Busy('always')),
        },
      } as const;
      await LifeScene.play(harness, tasks, async (scene, app) => {
        const result = await app.client.send('endless');
        await scene.untilState(result, 'FAILURE');
        const attempts = (await result.snapshot()).attempts?.length ?? 1;
        assert.ok(attempts <= 3, `${attempts} attempts`);
        await scene.until('it is parked', async () => (await scene.parked()).length === 1);
        assert.equal((await scene.parked())[0]?.reason?.code, 'LOVAGE_MAX_RETRIES_EXCEEDED');
      });
    },
  },
  {
    name: 'a shutdown burns no attempt',
    run: async (harness) => {
      const runs: number[] = [];
      const tasks = {
        long: {
          autoretryFor: true,
          run: async (task: TaskContext): Promise<string> => {
            runs.push(task.retries);
            if (runs.length > 1) return 'done';
            return await new Promise((_, reject) => {
              task.signal.addEventListener('abort', () => reject(task.signal.reason as Error));
            });
          },
        },
      } as const;
      await LifeScene.play(
        harness,
        tasks,
        async (scene, app) => {
          const result = await app.client.send('long');
          await scene.until('it runs', () => runs.length === 1);
          const second = await scene.start({ worker: false });
          await scene.stopOne(app);
          await scene.start();
          const seen = second.app.client.result(result.id);
          await scene.untilState(seen, 'SUCCESS');
          assert.deepEqual(runs, [0, 0]);
        },
        { worker: { drainTimeout: 0 } },
      );
    },
  },
  {
    name: 'a task whose time is over while it waits for its retry is revoked',
    run: async (harness) => {
      await LifeScene.play(harness, { late }, async (scene, app) => {
        const result = await app.client.send('late');
        await scene.untilState(result, 'REVOKED');
        assert.equal((await result.snapshot()).attempts?.length, 1);
        await scene.untilSettled();
      });
    },
  },
];
