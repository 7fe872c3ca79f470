import BeeQueue from 'bee-queue';
import { type Contender, queueName } from '../contender.js';
import { hostAndPort } from './host-and-port.js';

/** bee-queue with its defaults: jobs stay; what they returned is told to those who listen and not stored. */
export function beeQueue(): Contender {
  return {
    openProducer: async (url, waits) => {
      const redis = hostAndPort(url);
      const queue = new BeeQueue<number>(queueName, {
        redis,
        isWorker: false,
        getEvents: waits,
        storeJobs: false,
      });
      await queue.ready();
      const results = new EarlyResults();
      queue.on('job succeeded', (id, result) => results.came(id, result));
      return {
        send: async (value) => await queue.createJob(value).save(),
        sendMany: async (values) => await queue.saveAll(values.map((value) => queue.createJob(value))),
        delayMany: async (values, dueMs) =>
          await queue.saveAll(values.map((value) => queue.createJob(value).delayUntil(dueMs))),
        ...(waits && {
          roundTrip: async (value: number) => {
            const { id } = await queue.createJob(value).save();
            return await results.of(id);
          },
        }),
        close: async () => await queue.close(),
      };
    },
    openWorker: async (url, { concurrency, onStart, onDone }) => {
      const redis = hostAndPort(url);
      const queue = new BeeQueue<number>(queueName, {
        redis,
        getEvents: false,
        storeJobs: false,
        activateDelayedJobs: true,
      });
      await queue.ready();
      queue.on('succeeded', onDone);
      queue.process(concurrency, async ({ data }) => {
        onStart(data);
        return await Promise.resolve(data);
      });
      return { close: async () => await queue.close() };
    },
  };
}

/** A job's own event is lost when the worker is faster than the answer to its `save`; the queue's is not. */
class EarlyResults {
  private readonly waiting = new Map<string, (value: unknown) => void>();
  private readonly early = new Map<string, unknown>();

  came(id: string, result: unknown): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    if (resolve === undefined) this.early.set(id, result);
    else resolve(result);
  }

  async of(id: string): Promise<unknown> {
    if (this.early.has(id)) {
      const result = this.early.get(id);
      this.early.delete(id);
      return result;
    }
    return await new Promise((resolve) => {
      this.waiting.set(id, resolve);
    });
  }
}
