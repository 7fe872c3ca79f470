import { isLovageError, TaskApp, type AppOptions } from '@lovage/core';
import {
  type Contender,
  type ContenderOptions,
  queueName,
  taskName,
  type WorkerOptions,
} from '../contender.js';

const withoutResults = 'the driver has no result store yet: nothing is stored, and sent ids are not kept';

/** Lovage with its defaults: results kept for a day, sent ids kept, leases, prefetch of twice the concurrency. */
export function lovage({ trackSent }: ContenderOptions): Contender {
  const options = (url: string): AppOptions => ({
    broker: url,
    defaultQueue: queueName,
    ...(trackSent !== undefined && { trackSent }),
  });
  return {
    note: async (url) => ((await hasResults(options(url))) ? undefined : withoutResults),
    openProducer: async (url) => {
      const app = await makeApp(options(url));
      await app.start();
      return {
        send: async (value) => await app.client.send(taskName, { args: [value] }),
        delayMany: async (values, dueMs) => {
          const eta = new Date(dueMs);
          await Promise.all(
            values.map(async (value) => await app.client.send(taskName, { args: [value], eta })),
          );
        },
        ...(app.settings.results !== false && {
          roundTrip: async (value: number) => {
            const result = await app.client.send<number>(taskName, { args: [value] });
            return await result.get();
          },
        }),
        close: async () => await app.close(),
      };
    },
    openWorker: async (url, worker) => {
      const { concurrency } = worker;
      const app = await makeApp({ ...options(url), worker: { concurrency } }, worker);
      await app.start();
      return { close: async () => await app.close() };
    },
  };
}

async function makeApp(options: AppOptions, worker?: WorkerOptions): Promise<TaskApp> {
  const results = (await hasResults(options)) ? {} : { results: false as const };
  const app = await TaskApp.create({ ...options, ...results });
  app.registry.add({
    name: taskName,
    run: ([value]) => {
      worker?.onStart(Number(value));
      return value;
    },
    options: {},
    source: 'bench',
  });
  if (worker !== undefined) {
    app.events.listen(({ type }) => {
      if (type === 'task-succeeded') worker.onDone();
    });
  }
  return app;
}

async function hasResults(options: AppOptions): Promise<boolean> {
  try {
    await TaskApp.create(options);
    return true;
  } catch (error) {
    if (isLovageError(error, 'LOVAGE_CAPABILITY_MISSING')) return false;
    throw error;
  }
}
