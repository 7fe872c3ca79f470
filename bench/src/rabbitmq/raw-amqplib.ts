import { randomUUID } from 'node:crypto';
import { connect, type ConsumeMessage } from 'amqplib';
import { concurrency, queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

/** amqplib alone: what remains when nothing but the way through the server is left. It keeps no results. */
export function rawAmqplib({ broker }: Urls): RabbitContender {
  return {
    send: async (count, inFlight) => {
      const connection = await connect(broker, { noDelay: true });
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue(queueName, { durable: true });
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) {
          const content = bodyOf((next += 1));
          await new Promise<void>((resolve, reject) => {
            channel.sendToQueue(
              queueName,
              content,
              { persistent: true, mandatory: true, correlationId: randomUUID() },
              (error: unknown) => {
                if (error === null || error === undefined) resolve();
                else reject(error instanceof Error ? error : new Error('refused'));
              },
            );
          });
        }
      };
      await measured(async () => {
        await Promise.all(Array.from({ length: inFlight }, lane));
      });
      await connection.close();
    },
    work: async (onDone) => {
      const connection = await connect(broker, { noDelay: true });
      const channel = await connection.createChannel();
      await channel.assertQueue(queueName, { durable: true });
      await channel.prefetch(2 * concurrency);
      let last: ConsumeMessage | undefined;
      await channel.consume(queueName, (message) => {
        if (message === null) return;
        JSON.parse(message.content.toString());
        const { replyTo, correlationId } = message.properties as {
          readonly replyTo?: string;
          readonly correlationId?: string;
        };
        if (replyTo !== undefined) {
          channel.sendToQueue(replyTo, message.content, { correlationId: correlationId ?? '' });
        }
        // Those of one turn of the event loop are acknowledged with one frame.
        if (last === undefined) {
          setImmediate(() => {
            if (last !== undefined) channel.ack(last, true);
            last = undefined;
          });
        }
        last = message;
        onDone();
      });
      return async () => {
        // After the acknowledgement that is still to be sent.
        await new Promise((resolve) => setImmediate(resolve));
        await connection.close();
      };
    },
    roundTrip: async () => {
      const connection = await connect(broker, { noDelay: true });
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue(queueName, { durable: true });
      const { queue: replyTo } = await channel.assertQueue('', { exclusive: true });
      const waiting = new Map<string, (value: unknown) => void>();
      await channel.consume(
        replyTo,
        (message) => {
          if (message === null) return;
          const id = String((message.properties as { readonly correlationId?: unknown }).correlationId);
          const [, args] = JSON.parse(message.content.toString()) as [string, readonly unknown[]];
          waiting.get(id)?.(args[0]);
          waiting.delete(id);
        },
        { noAck: true },
      );
      return {
        call: async (value) =>
          await new Promise((resolve) => {
            const correlationId = randomUUID();
            waiting.set(correlationId, resolve);
            channel.sendToQueue(queueName, bodyOf(value), { persistent: true, correlationId, replyTo });
          }),
        close: async () => await connection.close(),
      };
    },
  };
}

const bodyOf = (value: number): Buffer => Buffer.from(JSON.stringify([taskName, [value], {}]));
