import { type AppOptions, TaskApp } from '@lovage/core';
import { concurrency, queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

/** Lovage with its defaults. @param results where the worker keeps results: Redis, or by rpc to the caller */
export function lovage(urls: Urls, results: 'redis' | 'rpc'): RabbitContender {
  const options: AppOptions = {
    broker: urls.broker,
    results: results === 'redis' ? urls.results : 'rpc://',
    defaultQueue: queueName,
    // Every contender stores results only.
    trackSent: false,
  };
  return {
    send: async (count, inFlight) => {
      const app = await TaskApp.create({ ...options, results: false });
      await app.start();
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) await app.client.send(taskName, { args: [(next += 1)] });
      };
      await measured(async () => {
        await Promise.all(Array.from({ length: inFlight }, lane));
      });
      await app.close();
    },
    work: async (onDone) => {
      const app = await TaskApp.create({ ...options, worker: { concurrency } });
      app.registry.add({ name: taskName, run: ([value]) => value, options: {}, source: 'bench' });
      app.events.listen(({ type }) => {
        if (type === 'task-succeeded') onDone();
      });
      await app.start();
      return async () => await app.close();
    },
    roundTrip: async () => {
      const app = await TaskApp.create(options);
      await app.start();
      return {
        call: async (value) => await (await app.client.send(taskName, { args: [value] })).get(),
        close: async () => await app.close(),
      };
    },
  };
}
