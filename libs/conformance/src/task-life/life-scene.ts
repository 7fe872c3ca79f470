import assert from 'node:assert/strict';
import {
  type AppOptions,
  type Driver,
  type InspectedMessage,
  type LovageEvent,
  TaskApp,
  type TaskContext,
  type TaskDefinition,
  type TaskHooks,
  type TaskOptions,
  type TaskResult,
  type Worker,
} from '@lovage/core';
import type { Harness } from '../harness.js';
import { LocalChildren } from './local-children.js';

/** A task of a case: what it does, with its options. */
export interface LifeTask extends TaskOptions {
  readonly run: (task: TaskContext, ...args: readonly unknown[]) => unknown;
  readonly hooks?: readonly TaskHooks[];
}

export type LifeTasks = Readonly<Record<string, LifeTask | LifeTask['run']>>;

/** Time that passes between two looks, in milliseconds; and the looks before a case gives up. */
const stepMs = 20;
const mostSteps = 1500;

/** One process of an app, with its worker. */
export interface LifeProcess {
  readonly app: TaskApp;
  readonly events: readonly LovageEvent[];
}

/** Processes of one app on the store of a harness. */
export class LifeScene {
  readonly queue: string;
  private readonly processes: LifeProcess[] = [];
  private readonly running = new Map<TaskApp, Driver>();
  private readonly crashed: TaskApp[] = [];

  constructor(
    readonly harness: Harness,
    private readonly tasks: LifeTasks,
    private readonly options: Omit<AppOptions, 'worker'> & { readonly worker?: object } = {},
  ) {
    this.queue = harness.name('life');
  }

  /** Runs a case; all its processes are stopped at its end. */
  static async play(
    harness: Harness,
    tasks: LifeTasks,
    action: (scene: LifeScene, app: TaskApp) => Promise<void>,
    options?: ConstructorParameters<typeof LifeScene>[2],
  ): Promise<void> {
    const scene = new LifeScene(harness, tasks, options);
    try {
      const { app } = await scene.start();
      await action(scene, app);
    } finally {
      await scene.stop();
    }
  }

  /** Starts one more process; by default with a worker. */
  async start({ worker = true }: { readonly worker?: boolean } = {}): Promise<LifeProcess> {
    const { harness, options, tasks, queue } = this;
    const driver = await harness.another();
    const children = new LocalChildren(() => app);
    const inChildren = harness.pool === 'children';
    const app: TaskApp = await TaskApp.create(
      {
        defaultQueue: queue,
        ...options,
        worker: worker
          ? {
              concurrency: 10,
              ...(inChildren && { pool: 'processes', entry: 'case:tasks' }),
              ...options.worker,
              hostname: harness.name('worker'),
            }
          : false,
      },
      {
        driver,
        clock: harness.clock,
        random: () => 0.5,
        ...(inChildren && { childPrograms: { launcher: children } }),
      },
    );
    for (const [name, task] of Object.entries(tasks)) app.registry.add(definitionOf(name, task));
    const events: LovageEvent[] = [];
    app.events.listen((event) => events.push(event));
    await app.start();
    const started = { app, events };
    this.processes.push(started);
    this.running.set(app, driver);
    return started;
  }

  /** Workers of the processes that run. */
  get workers(): readonly Worker[] {
    return [...this.running.keys()].flatMap(({ worker }) => worker ?? []);
  }

  /** What all processes have told. */
  get events(): readonly LovageEvent[] {
    return this.processes.flatMap(({ events }) => events);
  }

  /** Lets time pass until it is so. */
  async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    for (let step = 0; step < mostSteps; step += 1) {
      if (await probe()) return;
      await this.harness.advance(stepMs);
    }
    assert.fail(`it did not happen: ${what}`);
  }

  /** What a promise gives; lets time pass until then. */
  async while<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const ended = promise.finally(() => {
      isOver = true;
    });
    // It is waited for below; until then its failure is nobody's.
    ended.catch(() => undefined);
    await this.until('a promise has ended', () => isOver);
    return await ended;
  }

  async untilState(result: TaskResult, state: string): Promise<void> {
    let seen = '';
    try {
      await this.until('', async () => {
        seen = await result.state();
        return seen === state;
      });
    } catch {
      const problems = this.events.flatMap((event) =>
        event.type === 'worker-problem' ? [String(event.error)] : [],
      );
      assert.fail(`the task is ${seen}, expected ${state}; ${problems.join('; ')}`);
    }
  }

  async parked(): Promise<readonly InspectedMessage[]> {
    const { inspector } = this.harness.view;
    if (inspector === undefined) return [];
    const page = await inspector.messages({
      queue: this.queue,
      place: 'parked',
      limit: 1000,
      deadline: this.harness.deadline(),
    });
    return page.messages;
  }

  /**
   * Nothing is left of any message, apart from what is parked. Asked of every process: one may know no queues but its own, and of
   * what is in hand no more than what it has itself.
   */
  async untilSettled(): Promise<void> {
    await this.until('every message has been settled', async () => {
      const seen = await Promise.all([...this.running.values()].map(async (view) => await this.left(view)));
      return seen.some((left) => left !== undefined) && seen.every((left = 0) => left === 0);
    });
  }

  /** Messages of the queue as a process sees them; `undefined`: it does not know the queue. */
  private async left({ inspector }: Driver): Promise<number | undefined> {
    if (inspector === undefined) return 0;
    const queues = await inspector.queues({ deadline: this.harness.deadline() });
    const own = queues.find(({ name }) => name === this.queue);
    return own && own.ready + own.delayed + own.unsettled;
  }

  async stop(): Promise<void> {
    for (const app of this.running.keys()) await this.stopOne(app);
    // Of a process that is gone only its timers are left.
    for (const app of this.crashed) await this.while(app.close().catch(() => undefined));
    // It may try once more what it could not write.
    if (this.crashed.length > 0) await this.harness.advance(3000);
  }

  /** Ends a process as `kill -9` does. */
  async crash(app: TaskApp): Promise<void> {
    const driver = this.running.get(app);
    assert.ok(driver !== undefined);
    this.running.delete(app);
    this.crashed.push(app);
    await this.harness.crash(driver);
  }

  /** A clock that stands still would let the closing of a process wait for its deadline for ever. */
  async stopOne(app: TaskApp): Promise<void> {
    this.running.delete(app);
    await this.while(app.close());
  }
}

function definitionOf(name: string, task: LifeTask | LifeTask['run']): TaskDefinition {
  const { run, hooks, ...options } = typeof task === 'function' ? { run: task } : task;
  return {
    name,
    source: `conformance.${name}`,
    options,
    run: (args, context) => run(context, ...args),
    ...(hooks === undefined ? undefined : { hooks }),
  };
}
