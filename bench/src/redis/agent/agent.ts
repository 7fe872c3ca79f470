import { Redis } from 'ioredis';
import type { Contender, Producer, RunningWorker } from '../contender.js';
import type { AgentOperation, AnswerOf, ParamsOf } from './agent-requests.js';
import { type Mark, mark, type Timed, timedSince } from './timed.js';

const chunk = 500;

/** Does what is asked of one contender, in this process. Each operation opens what it needs and closes it. */
export class Agent implements Handlers {
  private serving: RunningWorker | undefined;

  constructor(
    private readonly contender: Contender,
    private readonly url: string,
  ) {}

  async note(): Promise<string | null> {
    return (await this.contender.note?.(this.url)) ?? null;
  }

  async send({ count, inFlight }: ParamsOf<'send'>): Promise<Timed> {
    return await this.producing(false, async (producer, probe) => {
      const begin = mark(probe);
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) await producer.send((next += 1));
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
      return await timedSince(begin, probe, count);
    });
  }

  async fill({ count }: ParamsOf<'fill'>): Promise<null> {
    return await this.producing(false, async (producer) => {
      for (let from = 0; from < count; from += chunk) await sendAll(producer, numbers(from, count));
      return null;
    });
  }

  async delay({ count, dueMs }: ParamsOf<'delay'>): Promise<true | null> {
    return await this.producing(false, async (producer) => {
      if (producer.delayMany === undefined) return null;
      for (let from = 0; from < count; from += chunk) {
        const values = numbers(from, count).map(() => dueMs);
        await producer.delayMany(values, dueMs);
      }
      return true;
    });
  }

  async drain({ count, skip, concurrency }: ParamsOf<'drain'>): Promise<Timed> {
    return await this.probing(
      async (probe) =>
        await new Promise<Timed>((resolve, reject) => {
          let begin: Mark | undefined;
          let done = 0;
          let worker: Promise<RunningWorker>;
          const end = async (from: Mark): Promise<Timed> => {
            const timed = await timedSince(from, probe, count - skip);
            await (await worker).close();
            return timed;
          };
          const onDone = (): void => {
            done += 1;
            if (done === skip) begin = mark(probe);
            if (done === count && begin !== undefined) end(begin).then(resolve, reject);
          };
          worker = this.contender.openWorker(this.url, { concurrency, onStart: () => undefined, onDone });
          worker.catch(reject);
        }),
    );
  }

  async late({ count, concurrency }: ParamsOf<'late'>): Promise<readonly number[]> {
    return await new Promise((resolve, reject) => {
      const late: number[] = [];
      let done = 0;
      let worker: Promise<RunningWorker>;
      const end = async (): Promise<void> => await (await worker).close();
      worker = this.contender.openWorker(this.url, {
        concurrency,
        onStart: (dueMs) => late.push(performance.timeOrigin + performance.now() - dueMs),
        onDone: () => {
          done += 1;
          if (done === count) end().then(() => resolve(late), reject);
        },
      });
      worker.catch(reject);
    });
  }

  async serve({ concurrency }: ParamsOf<'serve'>): Promise<null> {
    this.serving = await this.contender.openWorker(this.url, {
      concurrency,
      onStart: () => undefined,
      onDone: () => undefined,
    });
    return null;
  }

  async halt(): Promise<null> {
    await this.serving?.close();
    this.serving = undefined;
    return null;
  }

  async roundTrips({ count, skip }: ParamsOf<'roundTrips'>): Promise<AnswerOf<'roundTrips'>> {
    return await this.producing(true, async (producer, probe) => {
      if (producer.roundTrip === undefined) return null;
      for (let value = 1; value <= skip; value += 1) await producer.roundTrip(value);
      const times: number[] = [];
      const begin = mark(probe);
      for (let value = 1; value <= count; value += 1) {
        const sentAt = performance.now();
        const answer = await producer.roundTrip(value);
        times.push((performance.now() - sentAt) * 1000);
        if (answer !== value) throw new Error(`the result of ${value} was ${String(answer)}`);
      }
      return { times, timed: await timedSince(begin, probe, count) };
    });
  }

  private async producing<T>(
    waits: boolean,
    use: (producer: Producer, probe: Redis) => Promise<T>,
  ): Promise<T> {
    return await this.probing(async (probe) => {
      const producer = await this.contender.openProducer(this.url, waits);
      try {
        return await use(producer, probe);
      } finally {
        await producer.close();
      }
    });
  }

  /** A connection that asks the server for its figures. */
  private async probing<T>(use: (probe: Redis) => Promise<T>): Promise<T> {
    const probe = new Redis(this.url);
    try {
      return await use(probe);
    } finally {
      await probe.quit();
    }
  }
}

type Handlers = {
  readonly [Name in AgentOperation]: (params: ParamsOf<Name>) => Promise<AnswerOf<Name>>;
};

async function sendAll(producer: Producer, values: readonly number[]): Promise<void> {
  if (producer.sendMany === undefined)
    await Promise.all(values.map(async (value) => await producer.send(value)));
  else await producer.sendMany(values);
}

/** From 1: 0 is no value of a task to all contenders. */
const numbers = (from: number, most: number): readonly number[] =>
  Array.from({ length: Math.min(chunk, most - from) }, (_, index) => from + index + 1);
