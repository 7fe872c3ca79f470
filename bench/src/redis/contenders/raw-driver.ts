import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { type Contender, type Producer, queueName, taskName, type WorkerOptions } from '../contender.js';
import { rawClaim, rawSettle } from './raw-scripts.js';

const held = 'raw:held';
const channel = 'raw:results';
const idLength = 36;

interface RawMessage {
  readonly id: string;
  readonly task: string;
  readonly args: readonly [number];
}

/** ioredis and two scripts: what remains when nothing but the way through the server is left. */
export function rawDriver(): Contender {
  return {
    openProducer: async (url, waits) => await openRawProducer(url, waits),
    openWorker: async (url, options) => {
      const worker = new RawWorker(new Redis(url), new Redis(url), options);
      const ended = worker.run();
      return {
        close: async () => {
          worker.close();
          await ended;
        },
      };
    },
  };
}

async function openRawProducer(url: string, waits: boolean): Promise<Producer> {
  const redis = new Redis(url);
  const listener = waits ? new Redis(url) : undefined;
  const waiting = new Map<string, (value: unknown) => void>();
  await listener?.subscribe(channel);
  listener?.on('message', (_channel: string, text: string) => {
    const id = text.slice(0, idLength);
    waiting.get(id)?.(JSON.parse(text.slice(idLength)));
    waiting.delete(id);
  });
  const push = coalesced(async (messages) => await redis.lpush(queueName, ...messages));
  return {
    send: async (value) => await push(messageOf(randomUUID(), value)),
    roundTrip: async (value) => {
      const id = randomUUID();
      const result = new Promise<unknown>((resolve) => {
        waiting.set(id, resolve);
      });
      await push(messageOf(id, value));
      return await result;
    },
    close: async () => {
      await Promise.all([redis.quit(), listener?.quit()]);
    },
  };
}

function messageOf(id: string, value: number): string {
  const message: RawMessage = { id, task: taskName, args: [value] };
  return JSON.stringify(message);
}

/** Those of one turn of the event loop leave as one command. */
function coalesced(
  flush: (items: readonly string[]) => Promise<unknown>,
): (item: string) => Promise<unknown> {
  let items: string[] = [];
  let flushed: Promise<unknown> | undefined;
  return async (item) => {
    items.push(item);
    flushed ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        const leaving = items;
        items = [];
        flushed = undefined;
        flush(leaving).then(resolve, reject);
      });
    });
    return await flushed;
  };
}

class RawWorker {
  private closed = false;

  constructor(
    private readonly redis: Redis,
    /** Blocks while the queue is empty. */
    private readonly waiter: Redis,
    private readonly options: WorkerOptions,
  ) {}

  close(): void {
    this.closed = true;
    this.waiter.disconnect();
  }

  async run(): Promise<void> {
    let settled: Promise<unknown> = Promise.resolve();
    while (!this.closed) {
      const claim = this.redis.eval(rawClaim, 2, queueName, held, this.options.concurrency);
      const messages = (await claim) as readonly string[];
      await settled;
      if (messages.length === 0) await this.somethingThere();
      else settled = this.work(messages);
    }
    await settled;
    await this.redis.quit();
  }

  private async work(messages: readonly string[]): Promise<void> {
    const { onStart, onDone } = this.options;
    const results: string[] = [];
    for (const text of messages) {
      const { id, args } = JSON.parse(text) as RawMessage;
      onStart(args[0]);
      results.push(id, JSON.stringify(args[0]));
    }
    await this.redis.eval(rawSettle, 1, held, channel, ...results);
    for (let count = 0; count < messages.length; count += 1) onDone();
  }

  private async somethingThere(): Promise<void> {
    // From the end to the end: nothing is taken out.
    await this.waiter.blmove(queueName, queueName, 'RIGHT', 'RIGHT', 5).catch((error: unknown) => {
      if (!this.closed) throw error;
    });
  }
}
