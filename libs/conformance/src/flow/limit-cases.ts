import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { type FlowScene, inScene } from './flow-scene.js';

/** Servers and processes do not count time from the same moment. */
const toleranceMs = 20;

/** The n-th may not begin before n intervals have passed since the first could. */
function hasSpacing(scene: FlowScene, startMs: number, intervalMs: number): void {
  const began = scene.runs.map(({ beganMs }) => beganMs).toSorted((a, b) => a - b);
  for (const [index, at] of began.entries()) {
    const least = startMs + index * intervalMs - toleranceMs;
    assert.ok(at >= least, `run ${index} began ${least - at} ms too early`);
  }
}

/** How often, and how many at once. */
export const limitCases: readonly ConformanceCase[] = [
  {
    name: 'rate limit: a worker begins tasks no faster, and all of them',
    run: inScene(
      () => ({ mail: { options: { rateLimit: '10/s' } } }),
      async (scene) => {
        const { client } = await scene.worker();
        const startMs = scene.harness.clock.monoNow();
        for (let n = 0; n < 15; n += 1) await client.send('mail', { args: [n] });
        await scene.ended(15);
        hasSpacing(scene, startMs, 100);
        assert.equal(new Set(scene.runs.map(({ taskId }) => taskId)).size, 15);
      },
    ),
  },
  {
    name: 'rate limit: holds for all workers together where it is shared',
    run: inScene(
      () => ({ mail: { options: { rateLimit: { limit: '10/s', shared: true } } } }),
      async (scene) => {
        const { client } = await scene.worker();
        await scene.worker();
        const startMs = scene.harness.clock.monoNow();
        for (let n = 0; n < 15; n += 1) await client.send('mail', { args: [n] });
        await scene.ended(15);
        hasSpacing(scene, startMs, 100);
        assert.equal(scene.runs.length, 15);
      },
    ),
  },
  {
    name: 'rate limit: each key has its own, and a burst at the start where that is allowed',
    run: inScene(
      () => ({
        mail: {
          options: {
            rateLimit: { limit: '2/m', shared: true, burst: 2, by: ([domain]) => domain as string },
          },
        },
      }),
      async (scene) => {
        const { client } = await scene.worker();
        for (const domain of ['a.example', 'b.example'])
          for (let n = 0; n < 3; n += 1) await client.send('mail', { args: [domain, n] });
        await scene.ended(4);
        assert.deepEqual(scene.runs.map(({ args }) => String(args[0])).toSorted(), [
          'a.example',
          'a.example',
          'b.example',
          'b.example',
        ]);
      },
    ),
  },
  {
    name: 'rate limit: what must wait long waits in the broker, and others go past it',
    run: inScene(
      () => ({ slow: { options: { rateLimit: '1/h' } }, fast: { options: {} } }),
      async (scene) => {
        const { client } = await scene.worker({ concurrency: 2, prefetch: 4 });
        for (let n = 0; n < 12; n += 1) await client.send('slow');
        for (let n = 0; n < 6; n += 1) await client.send('fast');
        await scene.until('the fast ones should run', () => {
          return scene.endedRuns.filter(({ task }) => task === 'fast').length === 6;
        });
        assert.equal(scene.runs.filter(({ task }) => task === 'slow').length, 1);
        const { inspector } = scene.harness.view;
        await scene.until('the slow ones should wait in the broker', async () => {
          const queues = await inspector?.queues({ deadline: scene.harness.deadline() });
          // Some brokers can only count what waits for all queues together.
          return queues === undefined || queues.reduce((sum, { delayed }) => sum + delayed, 0) === 11;
        });
      },
    ),
  },
  {
    name: 'rate limit: a wait in the broker burns no delivery',
    run: inScene(
      () => ({ mail: { options: { rateLimit: '2/s' } } }),
      async (scene) => {
        const { client } = await scene.worker({ concurrency: 1, prefetch: 1, maxDeliveries: 1 });
        for (let n = 0; n < 8; n += 1) await client.send('mail', { args: [n] });
        await scene.ended(8);
        assert.deepEqual(new Set(scene.runs.map(({ deliveries }) => deliveries)), new Set([1]));
      },
    ),
  },
  {
    name: 'concurrency limit: no more than that run at once over all workers, and all run',
    run: inScene(
      (pass) => ({
        render: { options: { concurrencyLimit: 2 }, run: async () => await pass(100) },
      }),
      async (scene) => {
        const { client } = await scene.worker();
        await scene.worker();
        for (let n = 0; n < 16; n += 1) await client.send('render', { args: [n] });
        await scene.ended(16);
        assert.ok(scene.mostAtOnce <= 2, `${scene.mostAtOnce} at once`);
        assert.equal(new Set(scene.runs.map(({ taskId }) => taskId)).size, 16);
      },
    ),
  },
  {
    name: 'concurrency limit: each key has its own',
    run: inScene(
      (pass) => ({
        render: {
          options: { concurrencyLimit: { limit: 1, by: ([user]) => user as string } },
          run: async () => await pass(400),
        },
      }),
      async (scene) => {
        const { client } = await scene.worker();
        for (const user of ['ann', 'bob', 'ann', 'bob']) await client.send('render', { args: [user] });
        await scene.ended(4);
        assert.equal(scene.mostAtOnce, 2);
        for (const user of ['ann', 'bob']) {
          const [first, second] = scene.runs.filter(({ args }) => args[0] === user);
          assert.ok((first?.endedMs ?? 0) <= (second?.beganMs ?? 0), `${user} twice at once`);
        }
      },
    ),
  },
  {
    name: 'flow control: a worker that stops hands back what waits, and another runs it',
    run: inScene(
      (pass) => ({
        render: { options: { concurrencyLimit: 1 }, run: async () => await pass(150) },
      }),
      async (scene) => {
        const first = await scene.worker();
        const { client } = await scene.client();
        for (let n = 0; n < 6; n += 1) await client.send('render', { args: [n] });
        await scene.until('one should run', () => scene.runs.length > 0);
        await scene.close(first);
        const before = scene.runs.length;
        await scene.worker();
        const distinct = (): number =>
          new Set(scene.endedRuns.slice(before).map(({ taskId }) => taskId)).size;
        await scene.until('the rest should run', () => distinct() >= 6 - before);
        await scene.until('all ids should have run', () => {
          return new Set(scene.endedRuns.map(({ taskId }) => taskId)).size === 6;
        });
      },
    ),
  },
];
