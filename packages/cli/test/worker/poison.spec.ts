import { TaskApp } from '@lovage/core';
import { type ChildProgram, describeWith, RabbitServer, RedisServer, waitFor } from '@lovage/services';
import { appPath, compileCommand, LovageCommands, withinMs } from '../support/lovage-command.js';

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(300_000);

const maxDeliveries = 5;

/** Sends so many at once. */
const inFlight = 1000;

describeWith(['redis-server', 'rabbitmq-server'], 'a task that kills its process', () => {
  const redis = new RedisServer();
  const rabbit = new RabbitServer();
  const commands = new LovageCommands();
  let client: TaskApp;

  beforeAll(async () => {
    await Promise.all([redis.start(), rabbit.start(), compileCommand()]);
  });

  afterEach(async () => {
    await commands.clear();
    await client.close();
  });
  afterAll(async () => await Promise.all([redis.close(), rabbit.close()]));

  interface Scene {
    readonly broker: string;
    readonly results: string;
    readonly args: readonly string[];
    /** How the poison ends its process. */
    readonly how: 'abort' | 'exit';
    /** Other tasks, half of them before it. */
    readonly bystanders: number;
  }

  /** Sends everything, and keeps a worker running as a service manager does, until all is done. */
  async function play({
    broker,
    results,
    args,
    how,
    bystanders,
  }: Scene): Promise<{ readonly lives: number }> {
    client = await TaskApp.create({ broker, results, worker: false });
    await client.start();
    const send = async (from: number, to: number): Promise<void> => {
      for (let first = from; first < to; first += inFlight) {
        const numbers = Array.from({ length: Math.min(inFlight, to - first) }, (_, index) => first + index);
        await Promise.all(
          numbers.map(async (number) => {
            await client.client.send('fine', { args: [number], taskId: `fine-${number}` });
          }),
        );
      }
    };
    await send(0, bystanders / 2);
    const poison = await client.client.send('poison', { args: [how] });
    await send(bystanders / 2, bystanders);

    const lives: ChildProgram[] = [];
    const over = new AbortController();
    const ended = poison.get({ timeout: '200s' }).catch((error: unknown) => error);
    const keepRunning = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const stores = ['-b', broker, '--result-backend', results];
        const life = await commands.start(['worker', '-A', appPath('poison.mjs'), '-q', ...stores, ...args]);
        lives.push(life);
        await life.exited;
      }
    };
    const kept = keepRunning();
    const ids = Array.from({ length: bystanders }, (_, number) => `fine-${number}`);
    try {
      expect(await ended).toMatchObject({ remoteCode: 'LOVAGE_TASK_POISONOUS' });
      await waitFor(async () => (await unfinished(ids)).length === 0, {
        what: 'every other task to succeed',
        withinMs,
      });
    } catch (error) {
      throw new Error(`without success: ${left.size} of ${bystanders}, ${[...left].slice(0, 5).join(', ')}`, {
        cause: error,
      });
    } finally {
      over.abort();
      lives.at(-1)?.signal('SIGTERM');
    }
    await kept;
    const struck = lives.flatMap((life) => life.output('stdout').match(/^struck \d+$/gm) ?? []);
    // What is written in the last moment of a process that aborts may not be read; what is read is no more than may be.
    expect(struck.length).toBeLessThanOrEqual(maxDeliveries);
    const parked = await client.stores.inspector?.messages({
      queue: 'celery',
      place: 'parked',
      limit: 100,
      deadline: client.stores.deadline(),
    });
    expect(parked?.messages.map(({ message }) => message.headers['id'])).toStrictEqual([poison.id]);
    return { lives: lives.length };
  }

  const left = new Set<string>();
  /** Ids without success, of those that had none before. */
  async function unfinished(ids: readonly string[]): Promise<readonly string[]> {
    if (left.size === 0) for (const id of ids) left.add(id);
    const asked = [...left];
    const records = await client.stores.results?.get({
      taskIds: asked,
      deadline: client.stores.deadline(),
    });
    for (const [index, record] of (records ?? []).entries())
      if (record?.state === 'SUCCESS') left.delete(asked[index] ?? '');
    return [...left];
  }

  it('is parked, and none of 10,000 others, where it ends its worker', async () => {
    await redis.flush();
    const url = `${redis.url}?lease=1s`;
    const { lives } = await play({ broker: url, results: url, args: [], how: 'abort', bystanders: 10_000 });
    expect(lives).toBe(maxDeliveries + 1);
  });

  it('is parked, and none of 10,000 others, where it ends a child of a pool', async () => {
    await redis.flush();
    const { url } = redis;
    const args = ['-P', 'processes', '-c', '2', '--concurrency-per-child', '50'];
    const { lives } = await play({ broker: url, results: url, args, how: 'exit', bystanders: 10_000 });
    expect(lives).toBe(1);
  });

  it('is parked, and none of 2,000 others, where it ends its worker on RabbitMQ', async () => {
    await redis.flush();
    const { url } = await rabbit.createVhost();
    const broker = `${url}?delayQueueType=classic`;
    const { lives } = await play({ broker, results: redis.url, args: [], how: 'exit', bystanders: 2000 });
    expect(lives).toBe(maxDeliveries + 1);
  });
});
