import { type JobsOptions, Queue, QueueEvents, Worker } from 'bullmq';
import { type Contender, queueName, taskName } from '../contender.js';
import { hostAndPort } from './host-and-port.js';

/** BullMQ with its defaults: completed jobs stay, with what they returned. */
export function bullmq(): Contender {
  return {
    openProducer: async (url, waits) => {
      const connection = hostAndPort(url);
      const queue = new Queue<number>(queueName, { connection });
      const events = waits ? new QueueEvents(queueName, { connection }) : undefined;
      await Promise.all([queue.waitUntilReady(), events?.waitUntilReady()]);
      return {
        send: async (value) => await queue.add(taskName, value),
        sendMany: async (values) => await queue.addBulk(jobs(values)),
        delayMany: async (values, dueMs) => {
          const timestamp = Date.now();
          return await queue.addBulk(jobs(values, { timestamp, delay: dueMs - timestamp }));
        },
        ...(events && {
          roundTrip: async (value: number) => {
            const job = await queue.add(taskName, value);
            return (await job.waitUntilFinished(events)) as unknown;
          },
        }),
        close: async () => {
          await Promise.all([queue.close(), events?.close()]);
        },
      };
    },
    openWorker: async (url, { concurrency, onStart, onDone }) => {
      const worker = new Worker<number>(
        queueName,
        async ({ data }) => {
          onStart(data);
          return await Promise.resolve(data);
        },
        { connection: { ...hostAndPort(url), maxRetriesPerRequest: null }, concurrency },
      );
      worker.on('completed', onDone);
      await worker.waitUntilReady();
      return { close: async () => await worker.close() };
    },
  };
}

const jobs = (values: readonly number[], opts: JobsOptions = {}) =>
  values.map((data) => ({ name: taskName, data, opts }));
