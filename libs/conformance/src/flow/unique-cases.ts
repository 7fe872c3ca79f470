import assert from 'node:assert/strict';
import { isLovageError, isRemoteError } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { inScene } from './flow-scene.js';

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => assert.fail('it should fail'),
    (error: unknown) => error,
  );

/** At most one of a kind. */
export const uniqueCases: readonly ConformanceCase[] = [
  {
    name: 'unique: a second call with the same arguments gets the task that is there, and runs nothing',
    run: inScene(
      () => ({ report: { options: { unique: true } } }),
      async (scene) => {
        const client = (await scene.client()).client;
        const first = await client.send('report', { args: [7], kwargs: { a: 1, b: 2 } });
        const second = await client.send('report', { args: [7], kwargs: { b: 2, a: 1 } });
        const other = await client.send('report', { args: [8] });
        assert.equal(second.id, first.id);
        assert.notEqual(other.id, first.id);
        await scene.worker();
        await scene.ended(2);
        await scene.until('its key should be free', async () => {
          const again = await client.send('report', { args: [7], kwargs: { a: 1, b: 2 } });
          return again.id !== first.id;
        });
        await scene.ended(3);
        assert.equal(scene.runs.length, 3);
      },
    ),
  },
  {
    name: 'unique: of many that are sent at once by several processes one is sent',
    run: inScene(
      () => ({ report: { options: { unique: { by: ([user]) => `user ${user}` } } } }),
      async (scene) => {
        const clients = [await scene.client(), await scene.client(), await scene.client()];
        const sent = await scene.settled(
          Promise.all(
            Array.from(
              { length: 24 },
              async (_, index) => await clients[index % 3]?.client.send('report', { args: [1, index] }),
            ),
          ),
        );
        assert.equal(new Set(sent.map((result) => result?.id)).size, 1);
        await scene.worker();
        await scene.ended(1);
        assert.equal(scene.runs.length, 1);
      },
    ),
  },
  {
    name: 'unique: refuses a second call, and says which task is there',
    run: inScene(
      () => ({ report: { options: { unique: { onConflict: 'reject' } } } }),
      async (scene) => {
        const { client } = await scene.client();
        const first = await client.send('report', { args: [1] });
        const error = await errorOf(client.send('report', { args: [1] }));
        assert.ok(isLovageError(error, 'LOVAGE_TASK_NOT_UNIQUE'));
        assert.equal((error.details as { existing?: string }).existing, first.id);
      },
    ),
  },
  {
    name: 'unique: replaces a task that has not begun',
    run: inScene(
      () => ({ report: { options: { unique: { by: () => 'all', onConflict: 'replace' } } } }),
      async (scene) => {
        const { client } = await scene.client();
        const first = await client.send('report', { args: [1] });
        const second = await client.send('report', { args: [2] });
        await scene.worker();
        await scene.until('the second should run', async () => await second.ready());
        await scene.until('the first should end', async () => await first.ready());
        assert.equal(await first.state(), 'REVOKED');
        assert.deepEqual(
          scene.runs.map(({ args }) => args),
          [[2]],
        );
      },
    ),
  },
  {
    name: 'unique while queued: the next may be sent when one has begun',
    run: inScene(
      (pass) => ({
        report: { options: { unique: { while: 'queued' } }, run: async () => await pass(2000) },
      }),
      async (scene) => {
        const { client } = await scene.client();
        const first = await client.send('report');
        assert.equal((await client.send('report')).id, first.id);
        await scene.worker();
        await scene.until('the first should begin', () => scene.runs.length === 1);
        await scene.until('its key should be free', async () => {
          return (await client.send('report')).id !== first.id;
        });
        await scene.ended(2);
        assert.equal(scene.runs.length, 2);
      },
    ),
  },
  {
    name: 'unique while running: the next waits until one has ended, wherever it runs',
    run: inScene(
      (pass) => ({
        report: {
          options: { unique: { while: 'running', by: ([user]) => user as string } },
          run: async () => await pass(120),
        },
      }),
      async (scene) => {
        await scene.worker();
        await scene.worker();
        const { client } = await scene.client();
        for (let n = 0; n < 5; n += 1) await client.send('report', { args: ['ann', n] });
        await scene.ended(5);
        assert.equal(scene.mostAtOnce, 1);
      },
    ),
  },
  {
    name: 'unique while running: fails the next where it is to be refused',
    run: inScene(
      (pass) => ({
        report: {
          options: { unique: { while: 'running', onConflict: 'reject' } },
          run: async () => await pass(3000),
        },
      }),
      async (scene) => {
        await scene.worker();
        const { client } = await scene.client();
        const first = await client.send('report');
        await scene.until('the first should begin', () => scene.runs.length === 1);
        const second = await client.send('report');
        await scene.until('the second should end', async () => await second.ready());
        const error = await errorOf(second.get());
        assert.ok(isRemoteError(error) && error.remoteCode === 'LOVAGE_TASK_NOT_UNIQUE');
        await scene.until('the first should end', async () => await first.successful());
      },
    ),
  },
  {
    name: 'unique: keeps its place over retries, and leaves it when it fails',
    run: inScene(
      () => ({
        report: {
          options: { unique: true, maxRetries: 1 },
          run: (_, context) => {
            throw context.retry({ countdown: 1, error: new Error('not yet') });
          },
        },
      }),
      async (scene) => {
        const { client } = await scene.client();
        const first = await client.send('report');
        await scene.worker();
        await scene.ended(1);
        assert.equal((await client.send('report')).id, first.id, 'between the attempts');
        await scene.until('it should fail', async () => await first.failed());
        assert.equal(scene.runs.length, 2);
        await scene.until(
          'its key should be free',
          async () => (await client.send('report')).id !== first.id,
        );
      },
    ),
  },
  {
    name: 'unique: a task that is revoked or expired before it begins leaves its place',
    run: inScene(
      () => ({ report: { options: { unique: true } } }),
      async (scene) => {
        const { client } = await scene.client();
        const revoked = await client.send('report', { args: [1] });
        await revoked.revoke();
        const expired = await client.send('report', { args: [2], expires: 0.05 });
        await scene.harness.advance(200);
        await scene.worker();
        // One that expires may be gone without a word, on brokers that look at its time.
        await scene.until('the revoked one should end', async () => await revoked.ready());
        assert.equal(scene.runs.length, 0);
        for (const [arg, { id }] of [
          [1, revoked],
          [2, expired],
        ] as const) {
          await scene.until('the key should be free', async () => {
            return (await client.send('report', { args: [arg] })).id !== id;
          });
        }
        await scene.ended(2);
      },
    ),
  },
];
