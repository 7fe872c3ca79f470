import { type AppOptions, type LovageEvent, TaskApp, type TaskContext, type TaskOptions } from '@lovage/core';
import {
  CeleryClient,
  type CeleryClientOptions,
  CeleryWorker,
  type CeleryWorkerOptions,
  RabbitServer,
  type RabbitVhost,
} from '@lovage/services';

/** A task of a Lovage worker; keyword arguments are in `task.kwargs`. */
export type TestTask = (args: readonly unknown[], task: TaskContext) => unknown;

/** Longest wait of a test: Python starts slowly on a busy machine. */
export const withinMs = 60_000;

/** One RabbitMQ with apps of Lovage and programs of Python on it, all of them with results by rpc unless they say otherwise. */
export class PythonAndLovage {
  readonly rabbit = new RabbitServer();
  /** What Lovage's workers and stores had to say. */
  readonly events: LovageEvent[] = [];
  private readonly closers: (() => Promise<void>)[] = [];
  private present: RabbitVhost | undefined;

  async start(): Promise<void> {
    await this.rabbit.start();
    this.present = await this.rabbit.createVhost();
  }

  get vhost(): string {
    return this.present?.name ?? '';
  }

  /** URL of the virtual host with parameters of Lovage, such as `queueType=quorum`. */
  url(parameters = ''): string {
    const url = this.present?.url ?? '';
    return parameters === '' ? url : `${url}?${parameters}`;
  }

  /** Options of an app that sends to workers of Python. */
  readonly callsPython: AppOptions = { results: 'rpc://' };

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
    const client = new CeleryClient({ broker: this.url(), resultBackend: 'rpc://', ...options });
    this.closers.push(async () => await client.stop());
    await client.start();
    return client;
  }

  /** A started worker of Python. */
  async worker(options: Partial<CeleryWorkerOptions> = {}): Promise<CeleryWorker> {
    const worker = new CeleryWorker({ broker: this.url(), resultBackend: 'rpc://', ...options });
    this.closers.push(async () => await worker.kill());
    await worker.start();
    return worker;
  }

  /** Ends all apps and programs, the newest first. */
  async end(): Promise<void> {
    for (const close of this.closers.splice(0).toReversed()) await close();
  }

  /** Ends them, and goes on in a new virtual host. */
  async renew(): Promise<void> {
    await this.end();
    this.present = await this.rabbit.createVhost();
  }

  async close(): Promise<void> {
    await this.end();
    await this.rabbit.close();
  }
}
