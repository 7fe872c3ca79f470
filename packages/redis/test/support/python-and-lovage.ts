import * as zstd from '@cloudpss/zstd/napi';
import {
  type AppOptions,
  type InspectedMessage,
  type LovageEvent,
  type MessagePlace,
  provideModule,
  TaskApp,
  type TaskContext,
  type TaskOptions,
} from '@lovage/core';
import {
  CeleryClient,
  type CeleryClientOptions,
  CeleryWorker,
  type CeleryWorkerOptions,
  RedisServer,
} from '@lovage/services';
import { RedisViews } from './redis-views.js';

/** A task of a Lovage worker; keyword arguments are in `task.kwargs`. */
export type TestTask = (args: readonly unknown[], task: TaskContext) => unknown;

/** Longest wait of a test: Python starts slowly on a busy machine. */
export const withinMs = 60_000;

/** One Redis with apps of Lovage and programs of Python on it. */
export class PythonAndLovage {
  readonly redis = new RedisServer();
  /** What Lovage's workers and stores had to say. */
  readonly events: LovageEvent[] = [];
  private readonly views = new RedisViews();
  private readonly closers: (() => Promise<void>)[] = [];

  async start(): Promise<void> {
    // Jest can not `require` an ES module on Node 20, as Node itself can.
    provideModule('@cloudpss/zstd/napi', zstd);
    await this.redis.start();
  }

  /** URL of the database with parameters of Lovage, such as `lease=1s`. */
  url(parameters = ''): string {
    return parameters === '' ? this.redis.url : `${this.redis.url}?${parameters}`;
  }

  /** Options of an app that sends to workers of Python. */
  get callsPython(): AppOptions {
    return { broker: this.url('pythonQueues=python') };
  }

  /** A started app of Lovage, without a worker unless the options say so; it reads all serializers. */
  async lovage(
    options: AppOptions,
    tasks: Readonly<
      Record<string, TestTask | { readonly run: TestTask; readonly options: TaskOptions }>
    > = {},
  ): Promise<TaskApp> {
    const app = await TaskApp.create({
      broker: this.url(),
      acceptContent: ['json', 'msgpack', 'yaml'],
      worker: false,
      ...options,
    });
    this.closers.push(async () => await app.close());
    app.events.listen((event) => this.events.push(event));
    for (const [name, task] of Object.entries(tasks)) {
      const definition = typeof task === 'function' ? { run: task, options: {} } : task;
      app.registry.add({ name, source: 'test', ...definition });
    }
    await app.start();
    return app;
  }

  /** A started caller of Python. */
  async client(options: Partial<CeleryClientOptions> = {}): Promise<CeleryClient> {
    const client = new CeleryClient({ broker: this.redis.url, ...options });
    this.closers.push(async () => await client.stop());
    await client.start();
    return client;
  }

  /** A started worker of Python. */
  async worker(options: Partial<CeleryWorkerOptions> = {}): Promise<CeleryWorker> {
    const worker = new CeleryWorker({ broker: this.redis.url, ...options });
    this.closers.push(async () => await worker.kill());
    await worker.start();
    return worker;
  }

  /** Messages of a queue in one place. */
  async messages(queue: string, place: MessagePlace): Promise<readonly InspectedMessage[]> {
    this.inspector ??= this.views.open(this.redis.url);
    const { inspector } = await this.inspector;
    if (inspector === undefined) throw new Error('there is an inspector');
    return (await inspector.messages({ queue, place, limit: 1000, deadline: this.views.deadline() }))
      .messages;
  }

  /** Ends all apps and programs, the newest first. */
  async end(): Promise<void> {
    for (const close of this.closers.splice(0).toReversed()) await close();
    this.views.close();
    this.inspector = undefined;
  }

  async close(): Promise<void> {
    await this.end();
    await this.redis.close();
  }

  private inspector: ReturnType<RedisViews['open']> | undefined;
}
