import { randomUUID } from 'node:crypto';
import { connect, type ConsumeMessage, type Options } from 'amqplib';
import { concurrency, queueName, type RabbitContender, taskName, type Urls } from './contender.js';
import { measured } from './stretch.js';

/** What amqplib alone sends: a body of some bytes and nothing else, or a message as every client of Celery writes it. */
export type RawMessage = 'bare' | 'celery';

/** amqplib alone: what remains when nothing but the way through the server is left. It keeps no results. */
export function rawAmqplib({ broker }: Urls, kind: RawMessage): RabbitContender {
  const messageOf = kind === 'bare' ? bareMessage : celeryMessage;
  return {
    send: async (count, inFlight) => {
      const connection = await connect(broker, { noDelay: true });
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue(queueName, { durable: true });
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) {
          const { content, options } = messageOf((next += 1), randomUUID());
          await new Promise<void>((resolve, reject) => {
            channel.sendToQueue(queueName, content, { ...options, mandatory: true }, (error: unknown) => {
              if (error === null || error === undefined) resolve();
              else reject(error instanceof Error ? error : new Error('refused'));
            });
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
          const [args] = JSON.parse(message.content.toString()) as [readonly unknown[]];
          waiting.get(id)?.(args[0]);
          waiting.delete(id);
        },
        { noAck: true },
      );
      return {
        call: async (value) =>
          await new Promise((resolve) => {
            const id = randomUUID();
            waiting.set(id, resolve);
            const { content, options } = messageOf(value, id);
            channel.sendToQueue(queueName, content, { ...options, replyTo });
          }),
        close: async () => await connection.close(),
      };
    },
  };
}

interface Written {
  readonly content: Buffer;
  readonly options: Options.Publish;
}

const bareMessage = (value: number, id: string): Written => ({
  content: Buffer.from(JSON.stringify([[value], {}, {}])),
  options: { persistent: true, correlationId: id },
});

const noFollowUps = { callbacks: null, errbacks: null, chain: null, chord: null };

/** The same bytes as Lovage and Celery send for the same call, in Celery's protocol 2. */
const celeryMessage = (value: number, id: string): Written => ({
  content: Buffer.from(JSON.stringify([[value], {}, noFollowUps])),
  options: {
    persistent: true,
    correlationId: id,
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: {
      lang: 'js',
      task: taskName,
      id,
      shadow: null,
      eta: null,
      expires: null,
      group: null,
      group_index: null,
      retries: 0,
      timelimit: [null, null],
      root_id: id,
      parent_id: null,
      argsrepr: `(${value},)`,
      kwargsrepr: '{}',
      origin: 'gen1@bench',
      ignore_result: false,
    },
  },
});
