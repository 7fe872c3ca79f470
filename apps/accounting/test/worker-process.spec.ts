import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskApp } from '@lovage/core';
import { ChildProgram, describeWith, RedisServer, waitFor } from '@lovage/services';
import type { WorkerProcessSettings } from '../src/processes/process-settings.js';
import { readEvidence } from '../src/evidence/evidence-tail.js';
import { queueName, taskName } from '../src/run/task-plan.js';
import { compileAccounting, compiled } from './support/compile-accounting.js';

const withinMs = 30_000;

describeWith('redis-server', 'a worker in a process of its own', () => {
  const redis = new RedisServer({ appendOnly: true });
  let folder: string;
  let worker: ChildProgram;

  beforeAll(() => compileAccounting());
  beforeEach(async () => {
    await redis.start();
    folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const settings: WorkerProcessSettings = {
      name: 'worker',
      folder,
      broker: redis.url,
      keepsResults: true,
      seed: 1,
      concurrency: 2,
      maxDeliveries: 5,
      drainMs: 1000,
      stallMs: 1000,
    };
    worker = new ChildProgram({
      command: process.execPath,
      args: [compiled('processes/worker-main.js'), JSON.stringify(settings)],
    });
    await worker.start();
    await worker.waitForLine(/^ready$/, { withinMs });
  });
  afterEach(async () => {
    await worker.stop();
    rmSync(folder, { recursive: true });
  });
  afterAll(async () => await redis.close());

  it('can renew its lease from the moment at which it takes work', async () => {
    const names = (await redis.clients()).map(({ name }) => name);
    expect(names).toContain('lovage-lease');
  });

  it('lives while its broker is away, with nothing else to do, and goes on', async () => {
    await redis.kill();
    await redis.start();
    const app = await TaskApp.create({ broker: redis.url, defaultQueue: queueName, worker: false });
    try {
      await app.client.send(taskName, { taskId: 'after', args: [1] });
      const ended = (): boolean =>
        readEvidence(folder).some(({ kind, id }) => kind === 'END' && id === 'after');
      await waitFor(() => ended() || !worker.running, {
        withinMs,
        what: 'the task, or the worker, has ended',
      });
      expect(worker.running).toBe(true);
    } finally {
      await app.close();
    }
  });

  it('ends in order when it is asked to', async () => {
    await expect(worker.stop()).resolves.toStrictEqual({ code: 0, signal: null });
  });
});
