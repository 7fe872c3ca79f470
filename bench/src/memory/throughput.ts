import { TaskApp, type TaskResult } from '@lovage/core';
import { goal, printTable } from '../measure/report.js';
import { inTurn, percentile } from '../measure/rounds.js';

/** Tasks in flight of the contenders that no queue bounds. */
const unbounded = 1000;

async function withApp<T>(use: (app: TaskApp) => Promise<T>): Promise<T> {
  const app = await TaskApp.create({ worker: { concurrency: 100 } });
  app.registry.add({
    name: 'math.add',
    run: ([x, y]) => Number(x) + Number(y),
    options: {},
    source: 'bench',
  });
  app.registry.add({
    name: 'math.add_later',
    run: async ([x, y]) => Number(x) + Number(y),
    options: {},
    source: 'bench',
  });
  await app.start();
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

/** Every round has an app of its own, so that none pays for the results that the ones before have kept. */
const inOwnApp = (task: string, window: number) => async (count: number) =>
  await withApp(async (app) => await roundTrips(app, task, window)(count));

const roundTrips = (app: TaskApp, task: string, window: number) => async (count: number) => {
  for (let sent = 0; sent < count; sent += window) {
    const waiting: Promise<unknown>[] = [];
    for (let index = 0; index < window; index += 1) {
      waiting.push(
        app.client
          .send<number>(task, { args: [index, sent] })
          .then((result: TaskResult<number>) => result.get()),
      );
    }
    await Promise.all(waiting);
  }
};

/** All are sent, and only the result of the last one, which is the last to run, is waited for. */
const sends = async (count: number): Promise<void> =>
  await withApp(async (app) => {
    let last: TaskResult | undefined;
    for (let sent = 0; sent < count; sent += 100) {
      const waiting: Promise<TaskResult>[] = [];
      for (let index = 0; index < 100; index += 1)
        waiting.push(app.client.send('math.add', { args: [index, sent] }));
      last = (await Promise.all(waiting)).at(-1);
    }
    await last?.get();
  });

const add = async (x: number, y: number): Promise<number> => x + y;

const bareCalls = async (count: number): Promise<void> => {
  for (let sent = 0; sent < count; sent += unbounded) {
    await Promise.all(Array.from({ length: unbounded }, async (_, index) => await add(index, sent)));
  }
};

/** What a program without a task queue would do: an array of closures, worked off in the next turn. */
const arrayQueue = async (count: number): Promise<void> => {
  const queue: (() => Promise<void>)[] = [];
  for (let sent = 0; sent < count; sent += unbounded) {
    const waiting = Array.from(
      { length: unbounded },
      async (_, index) =>
        await new Promise<number>((resolve) => {
          queue.push(async () => resolve(await add(index, sent)));
        }),
    );
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    for (const work of queue.splice(0)) void work();
    await Promise.all(waiting);
  }
};

/** send → result with the memory driver; every result is kept. */
export async function compareThroughput(): Promise<void> {
  const rows = await inTurn(
    [
      { name: 'bare async call', run: bareCalls },
      { name: 'array queue', run: arrayQueue },
      { name: 'lovage, 100 in flight', run: inOwnApp('math.add', 100) },
      { name: 'lovage, 1,000 in flight', run: inOwnApp('math.add', 1000) },
      { name: 'lovage, 100 in flight, async handler', run: inOwnApp('math.add_later', 100) },
      { name: 'lovage, results kept, nobody asks', run: sends },
    ],
    { rounds: 7, count: 100_000 },
  );
  printTable('send → result: tasks a second, one core, 100,000 results kept', rows, 'array queue');
  const rate = (name: string): number => rows.find((row) => row.name === name)?.perSecond ?? Number.NaN;
  goal('tasks a second through the memory driver', rate('lovage, 100 in flight'), { atLeast: 150_000 });
}

/** One task at a time. */
export async function measureLatency(): Promise<void> {
  await withApp(async (app) => {
    const times: number[] = [];
    for (let index = 0; index < 20_000; index += 1) {
      const begin = performance.now();
      const result = await app.client.send<number>('math.add', { args: [index, 1] });
      await result.get();
      times.push((performance.now() - begin) * 1000);
    }
    const counted = times.slice(2_000);
    console.log(
      `\nsend → result, one at a time: p50 ${percentile(counted, 0.5).toFixed(0)} µs, p99 ${percentile(counted, 0.99).toFixed(0)} µs`,
    );
  });
}

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What a kept result costs. */
export async function measureMemory(): Promise<void> {
  if (globalThis.gc === undefined) {
    console.log('\nmemory: not measured (needs node --expose-gc)');
    return;
  }
  await withApp(async (app) => {
    const count = 100_000;
    const before = heapBytes();
    await roundTrips(app, 'math.add', 100)(count);
    console.log(`\nmemory: ${((heapBytes() - before) / count).toFixed(0)} bytes a kept result`);
  });
}
