// The application of tests with real children: made in the test, and once more in each child.
import { appendFileSync, closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, threadId } from 'node:worker_threads';
import {
  type AppOptions,
  type AppParts,
  currentTask,
  Reject,
  TaskApp,
  type TaskContext,
} from '../../src/index.js';

/** Handed to each child. */
export interface PoolAppData {
  readonly options?: AppOptions;
  /** File to which `leave` writes a line. */
  readonly file?: string;
}

class OrderRefused extends Error {
  readonly code = 'E_ORDER';
}

const busyFor = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

type Handler = (context: TaskContext, ...args: never[]) => unknown;

const handlers = ({ file }: PoolAppData, app: () => TaskApp): Readonly<Record<string, Handler>> => ({
  add: (_task, x: number, y: number) => x + y,
  where: () => ({ pid: process.pid, threadId }),
  wait: async (_task, ms: number) => {
    await pause(ms);
    return 'waited';
  },
  busy: (_task, ms: number) => busyFor(ms),
  loop: () => {
    for (;;);
  },
  values: () => ({ date: new Date(0), bytes: Buffer.from('ü'), big: 2n ** 80n }),
  unwritable: () => () => 1,
  fail: () => {
    throw new OrderRefused('no such order', { cause: new RangeError('41') });
  },
  reject: () => {
    throw new Reject('not mine');
  },
  retry: (task) => {
    if (task.retries === 0) throw task.retry({ error: new OrderRefused('later'), countdown: 0 });
    return task.retries;
  },
  progress: async (task) => {
    await task.updateState('PROGRESS', { step: 1 });
    await task.updateState('PROGRESS', { step: 2 });
    return (await pause(1, 'done')) satisfies string;
  },
  reserved: async (task) => await task.updateState('SUCCESS'),
  context: (task) => ({
    same: currentTask() === task,
    id: task.id,
    name: task.name,
    hostname: task.hostname,
    headers: task.headers,
    deliveries: task.deliveries,
    queue: task.queue,
  }),
  aborted: async (task) => {
    await new Promise((resolve) => {
      task.signal.addEventListener('abort', resolve);
    });
    throw task.signal.reason;
  },
  exit: (_task, code: number) => process.exit(code),
  exitOnce: (task, code: number) => (task.deliveries === 1 ? process.exit(code) : 'survived'),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  throwLater: async () => {
    setImmediate(() => {
      throw new OrderRefused('nobody catches this');
    });
    await pause(60_000);
  },
  /** Much faster than anybody reads, without ever waiting. */
  flood: () => {
    for (let line = 0; line < 2000; line += 1) process.stdout.write(`${'x'.repeat(500)}\n`);
    for (;;);
  },
  memory: () => {
    if (isMainThread) {
      // Jest takes what V8 prints for the end of its own worker.
      closeSync(2);
      openSync('/dev/null', 'w');
    }
    const all: unknown[] = [];
    for (;;) all.push(Array.from({ length: 100_000 }, () => all.length));
  },
  send: () => {
    process.send?.({ kind: 'ended', key: 1 });
    return 'sent';
  },
  chain: async (task, x: number) => {
    const sent = await app().client.send<number>('add', { args: [x, 1], headers: { from: task.id } });
    return { id: sent.id, value: await sent.get({ timeout: '60s' }), state: await sent.state() };
  },
  sendLater: async () => {
    const sent = await app().client.send('add', { args: [1, 2], countdown: 3600, queue: 'later' });
    await sent.revoke();
    return sent.id;
  },
  /** Leaves evidence that nothing can take back. */
  account: async (task, ms: number) => {
    if (file !== undefined) appendFileSync(file, `begun ${task.id}\n`);
    await pause(ms);
    if (file !== undefined) appendFileSync(file, `ended ${task.id}\n`);
  },
  leave: () => {
    process.on('exit', () => {
      if (file !== undefined) appendFileSync(file, 'left\n');
    });
    return true;
  },
});

export async function makeApp(data: PoolAppData = {}, parts: AppParts = {}): Promise<TaskApp> {
  const app = await TaskApp.create(data.options, parts);
  for (const [name, handler] of Object.entries(handlers(data, () => app))) {
    app.registry.add({
      name,
      run: (args, context) => handler(context, ...(args as never[])),
      options: {},
      source: `pool-app.${name}`,
    });
  }
  return app;
}

/** Can not be made while the file is there. */
export async function fragile(data: PoolAppData): Promise<TaskApp> {
  if (data.file !== undefined && existsSync(data.file)) throw new OrderRefused('the file is there');
  return await makeApp(data);
}

export const broken = (): never => {
  throw new OrderRefused('no database');
};

export const hangs = async (): Promise<never> => await new Promise(() => undefined);

export const other = async (): Promise<TaskApp> => await TaskApp.create();

export const noApp = (): string => 'app';
