import { createClient, createWorker } from 'celery-node';
import { queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

/** celery-node. Its client has no confirms: what it is told is that the message was written to the socket. */
export function celeryNode({ broker, results }: Urls): RabbitContender {
  return {
    send: async (count, inFlight) => {
      const client = createClient(broker, results, queueName);
      await client.isReady();
      let next = 0;
      const publish = client.broker.publish.bind(client.broker);
      const written: Promise<unknown>[] = [];
      client.broker.publish = async (...args: Parameters<typeof publish>) => {
        const done = publish(...args);
        written.push(done);
        return (await done) as unknown;
      };
      const lane = async (): Promise<void> => {
        while (next < count) {
          client.createTask(taskName).applyAsync([(next += 1)]);
          await Promise.all(written.splice(0));
        }
      };
      await measured(async () => {
        await Promise.all(Array.from({ length: inFlight }, lane));
      });
      await client.disconnect();
    },
    work: async (onDone) => {
      const worker = createWorker(broker, results, queueName);
      const store = worker.backend.storeResult.bind(worker.backend);
      worker.backend.storeResult = async (...args: Parameters<typeof store>) => {
        const stored: unknown = await store(...args);
        onDone();
        return stored;
      };
      worker.register(taskName, (value: number) => value);
      await worker.isReady();
      void worker.start();
      return async () => await Promise.resolve();
    },
  };
}
