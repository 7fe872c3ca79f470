import { randomUUID } from 'node:crypto';
import { SystemClock, TaskApp, type TaskContext, type TaskOptions } from '@lovage/core';
import { createDriver } from '../../src/index.js';

/** How long a dead worker blocks the others here; longer than a living one may be held up by a busy machine. */
const limitLeaseMs = 3000;

const options: Readonly<Record<string, TaskOptions>> = {
  capped: { concurrencyLimit: 2 },
  single: { unique: { ttl: 20 } },
  rated: { rateLimit: { limit: '20/s', shared: true } },
  plain: {},
};

export interface FlowProcess {
  readonly app: TaskApp;
  readonly destroy: () => void;
}

/** A process with the tasks of these tests, on the queue `q`. @param run what a task does */
export async function flowProcess(
  url: string,
  worker: boolean,
  run: (name: string, context: TaskContext) => Promise<void>,
): Promise<FlowProcess> {
  const clock = new SystemClock();
  const driver = createDriver(new URL(url), { clock, newId: randomUUID });
  const app = await TaskApp.create(
    {
      defaultQueue: 'q',
      worker: worker ? { concurrency: 4, prefetch: 8, drainTimeout: 0.1, maxDeliveries: 100 } : false,
    },
    { driver, clock, limitLeaseMs },
  );
  for (const [name, taskOptions] of Object.entries(options)) {
    app.registry.add({
      name,
      options: taskOptions,
      source: 'flow tests',
      run: async (_, context) => await run(name, context),
    });
  }
  await app.start();
  return { app, destroy: () => driver.destroy() };
}
