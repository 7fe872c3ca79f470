import assert from 'node:assert/strict';
import { isLovageError, type TaskApp, type TaskContext, type TaskResult } from '@lovage/core';
import type { PythonCaller, PythonStage } from './python-stage.js';

/** Longest wait of a test: Python starts slowly on a busy machine. */
const withinMs = 60_000;
const timeoutMs = 120_000;
const pauseMs = 20;

async function until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await probe())) {
    assert.ok(performance.now() < end, `it did not happen: ${what}`);
    // reason: time between two looks, which is not waited for.
    await new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
  }
}

const untilAborted = async ({ signal }: TaskContext): Promise<never> =>
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** The name or the code of the error with which a task ends. */
async function failureOf(result: TaskResult): Promise<{ readonly name: string; readonly code: string }> {
  return await result.get({ timeout: '60s' }).then(
    () => assert.fail('the task did not fail'),
    (error: unknown) => ({
      name: (error as Error).name,
      code: isLovageError(error) ? error.code : '',
    }),
  );
}

/** Tasks that Lovage sends to Python, and what can happen to them. Each stage is one broker of its own. */
export function describeLifeInPython(stage: PythonStage): void {
  const node = 'python@life';
  let app: TaskApp;

  beforeAll(async () => {
    await stage.start();
    app = await stage.lovage({ ...stage.callsPython, queues: ['python'], defaultQueue: 'python' });
    const { running } = await stage.worker({
      queues: ['python'],
      pool: 'prefork',
      concurrency: 2,
      hostname: node,
      settings: { task_track_started: true },
    });
    assert.ok(running);
  }, timeoutMs);

  afterAll(async () => await stage.close(), timeoutMs);

  const cases: Readonly<Record<string, () => Promise<void>>> = {
    'the worker answers a ping': async () => {
      // Python listens to commands some time after it has said that it is ready, and what comes before is lost.
      let answers: object = {};
      for (let attempt = 0; attempt < 20 && Object.keys(answers).length === 0; attempt += 1)
        answers = await app.control.ping({ destination: [node], timeout: '3s' });
      assert.deepEqual(answers, { [node]: { ok: 'pong' } });
    },
    'a task is revoked while it waits': async () => {
      const result = await app.client.send('interop.add', { args: [1, 2], countdown: 3 });
      await result.revoke();
      assert.equal((await failureOf(result)).code, 'LOVAGE_TASK_REVOKED');
      assert.equal(await result.state(), 'REVOKED');
    },
    'a task is terminated while it runs': async () => {
      const result = await app.client.send('interop.slow', { args: [600] });
      await until('it runs', async () => (await result.state()) === 'STARTED');
      const revoked = await result.revoke({ terminate: true, wait: '60s' });
      assert.deepEqual(revoked, { taskId: result.id, outcome: 'over', state: 'REVOKED' });
    },
    'a task runs into the limits that the call has': async () => {
      const soft = await app.client.send('interop.slow', { args: [600], softTimeLimit: 1, timeLimit: 600 });
      const hard = await app.client.send('interop.slow', { args: [600], timeLimit: 1 });
      assert.equal((await failureOf(soft)).name, 'SoftTimeLimitExceeded');
      assert.equal((await failureOf(hard)).name, 'TimeLimitExceeded');
    },
    'a task takes new limits and is retried': async () => {
      const options = { destination: [node], timeout: '60s' } as const;
      const limits = await app.control.timeLimit('interop.slow', { hard: 600 }, options);
      assert.deepEqual(limits, { [node]: { ok: 'time limits set successfully' } });
      const result = await app.client.send<number>('interop.retry_then', { args: [2] });
      assert.equal(await result.get({ timeout: '60s' }), 2);
    },
    'a task that is too old is not run': async () => {
      const result = await app.client.send('interop.add', {
        args: [1, 1],
        expires: new Date('2020-01-01'),
      });
      assert.equal((await failureOf(result)).code, 'LOVAGE_TASK_REVOKED');
    },
  };
  // reason: the cases assert with node:assert.
  // oxlint-disable-next-line jest/expect-expect, jest/valid-title
  for (const [name, run] of Object.entries(cases)) it(name, run, timeoutMs);
}

/** Tasks that Python sends to Lovage, and what can happen to them. */
export function describeLifeFromPython(stage: PythonStage): void {
  const node = 'lovage@life';
  const begun = new Set<string>();
  let client: PythonCaller;

  beforeAll(async () => {
    await stage.start();
    await stage.lovage(
      { worker: { hostname: node } },
      {
        'life.long': async (_args, task) => {
          begun.add(task.id);
          return await untilAborted(task);
        },
        'life.flaky': {
          run: (_args, task) => {
            if (task.retries < 2) throw new RangeError('not yet');
            return task.retries;
          },
          options: { autoretryFor: [RangeError], retryBackoff: 0.05 },
        },
        'life.hopeless': {
          run: () => {
            throw new RangeError('never');
          },
          options: { autoretryFor: [RangeError], maxRetries: 1, defaultRetryDelay: 0 },
        },
        'life.add': ([x, y], task) => {
          begun.add(task.id);
          return Number(x) + Number(y);
        },
      },
    );
    client = await stage.client();
  }, timeoutMs);

  afterAll(async () => await stage.close(), timeoutMs);

  const cases: Readonly<Record<string, () => Promise<void>>> = {
    'the worker answers a ping, among all and by name': async () => {
      await until('an answer', async () => node in (await client.inspect('ping')));
      const one = await client.inspect('ping', { destination: [node], timeoutSeconds: 30 });
      assert.deepEqual(one, { [node]: { ok: 'pong' } });
    },
    'a task is revoked while it waits, and stays so': async () => {
      const options = { taskId: 'revoked', countdown: 3 };
      const ended = client.call({ name: 'life.add', args: [1, 2], options });
      await client.revoke('revoked');
      const { status, exception } = await ended;
      assert.deepEqual([status, exception?.type], ['REVOKED', 'TaskRevokedError']);
      assert.ok(!begun.has('revoked'));
    },
    'a task is terminated while it runs': async () => {
      const ended = client.call({ name: 'life.long', options: { taskId: 'terminated' } });
      await until('it runs', () => begun.has('terminated'));
      await client.revoke('terminated', { terminate: 'SIGTERM' });
      assert.equal((await ended).status, 'REVOKED');
    },
    'a task runs into the limits that the call has': async () => {
      const [soft, hard] = await Promise.all([
        client.call({ name: 'life.long', options: { softTimeLimit: 1, timeLimit: 600 } }),
        client.call({ name: 'life.long', options: { timeLimit: 1 } }),
      ]);
      assert.deepEqual([soft.status, hard.status], ['FAILURE', 'FAILURE']);
      assert.deepEqual(
        [soft.exception, hard.exception].map((exception) => [exception?.type, exception?.module]),
        [
          ['SoftTimeLimitExceeded', 'billiard.exceptions'],
          ['TimeLimitExceeded', 'billiard.exceptions'],
        ],
      );
    },
    'a task is retried, or fails with its last error': async () => {
      const [flaky, hopeless] = await Promise.all([
        client.call({ name: 'life.flaky' }),
        client.call({ name: 'life.hopeless' }),
      ]);
      assert.deepEqual([flaky.status, flaky.value], ['SUCCESS', 2]);
      assert.deepEqual([hopeless.status, hopeless.exception?.type], ['FAILURE', 'RangeError']);
    },
    'a task that is too old is not run': async () => {
      const options = { taskId: 'expired', countdown: 2, expires: 1 };
      assert.equal((await client.call({ name: 'life.add', args: [1, 2], options })).status, 'REVOKED');
      assert.ok(!begun.has('expired'));
    },
  };
  // reason: the cases assert with node:assert.
  // oxlint-disable-next-line jest/expect-expect, jest/valid-title
  for (const [name, run] of Object.entries(cases)) it(name, run, timeoutMs);
}
