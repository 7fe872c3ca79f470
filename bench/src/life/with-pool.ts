import type { TaskApp, WorkerOptions } from '@lovage/core';
import { poolApp } from './pool-app.js';

const entry = { module: new URL('./pool-app.js', import.meta.url), export: 'poolApp' };

/** Uses an app with a worker of the pool that is asked for, and closes it. */
export async function withPool<T>(worker: WorkerOptions, use: (app: TaskApp) => Promise<T>): Promise<T> {
  const app = await poolApp({ worker: { ...worker, ...(worker.pool !== undefined && { entry }) } });
  await app.start();
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}
