import { createClient, createWorker } from 'celery-node';
import { queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

/** Without it the questions that it asks before each message take 40 ms. */
const brokerOptions = { noDelay: true };

/**
 * celery-node. Its client has no confirms: what it is told is that the message was written to the socket. It tells nobody, so its broker is
 * asked: a client that is disconnected before ends its process, since it asks for the queue before each message and nobody hears that this has failed.
 */
export function celeryNode({ broker, results }: Urls): RabbitContender {
  return {
    takesAll: true,
    send: async (count, inFlight) => {
      const client = createClient(broker, results, queueName);
      client.conf.CELERY_BROKER_OPTIONS = brokerOptions;
      await client.isReady();
      let next = 0;
      const { broker: sender } = client;
      const written = new Map<string, () => void>();
      const publish = sender.publish.bind(sender);
      sender.publish = async (body, exchange, routingKey, headers, properties) => {
        const answer: unknown = await publish(body, exchange, routingKey, headers, properties);
        const { correlationId } = properties as { readonly correlationId: string };
        written.get(correlationId)?.();
        written.delete(correlationId);
        return answer;
      };
      const lane = async (): Promise<void> => {
        while (next < count) {
          // It publishes some turns later, when it has asked the server for its queue once more.
          const { taskId } = client.createTask(taskName).applyAsync([(next += 1)]);
          await new Promise<void>((resolve) => {
            written.set(taskId, resolve);
          });
        }
      };
      await measured(async () => {
        await Promise.all(Array.from({ length: inFlight }, lane));
      });
      await client.disconnect();
    },
    work: async (onDone) => {
      const worker = createWorker(broker, results, queueName);
      worker.conf.CELERY_BROKER_OPTIONS = brokerOptions;
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
