import { createClient, createWorker } from 'celery-node';
import { type Contender, queueName, taskName } from '../contender.js';

/** Pause between looks for a result. The client's own default is 500 ms, which would be the figure. */
const pollMs = 5;

/**
 * celery-node. It sends without telling when the server has the message, so its broker is asked; its worker knows no limit of
 * concurrency, loses what it has at a crash, and logs four lines for each task, which the agent does not write.
 */
export function celeryNode(): Contender {
  return {
    openProducer: async (url) => {
      const client = createClient(url, url, queueName);
      await client.isReady();
      const { broker } = client;
      const accepted = new Map<string, () => void>();
      const publish = broker.publish.bind(broker);
      broker.publish = async (body, exchange, routingKey, headers, properties) => {
        const answer: unknown = await publish(body, exchange, routingKey, headers, properties);
        const { correlationId } = properties as { readonly correlationId: string };
        accepted.get(correlationId)?.();
        accepted.delete(correlationId);
        return answer;
      };
      return {
        send: async (value) => {
          const { taskId } = client.createTask(taskName).applyAsync([value]);
          await new Promise<void>((resolve) => {
            accepted.set(taskId, resolve);
          });
        },
        roundTrip: async (value) => {
          const result: unknown = await client.createTask(taskName).applyAsync([value]).get(0, pollMs);
          return result;
        },
        close: async () => {
          await client.disconnect();
        },
      };
    },
    openWorker: async (url, { onStart, onDone }) => {
      const worker = createWorker(url, url, queueName);
      const { backend, broker } = worker;
      const store = backend.storeResult.bind(backend);
      backend.storeResult = async (...args) => {
        const stored: unknown = await store(...args);
        onDone();
        return stored;
      };
      worker.register(taskName, (value: number) => {
        onStart(value);
        return value;
      });
      await worker.isReady();
      void worker.start();
      return {
        close: async () => {
          // It can not be stopped: it would wait for the end of a blocking call.
          Object.assign(broker, { closing: true });
          (broker as unknown as { readonly redis: { disconnect(): void } }).redis.disconnect();
          await backend.disconnect();
        },
      };
    },
  };
}
