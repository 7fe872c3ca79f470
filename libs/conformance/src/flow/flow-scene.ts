import assert from 'node:assert/strict';
import {
  Deadline,
  type AppOptions,
  type Driver,
  TaskApp,
  type TaskContext,
  type TaskOptions,
} from '@lovage/core';
import type { Harness } from '../harness.js';

/** A task as a case writes it. */
export interface SceneTask {
  readonly options: TaskOptions;
  readonly run?: (args: readonly unknown[], context: TaskContext) => unknown;
}

/** One run, as it was seen. */
export interface SeenRun {
  readonly taskId: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly deliveries: number;
  readonly beganMs: number;
  endedMs: number | undefined;
}

/** Time that passes between two looks. */
const stepMs = 50;
const mostSteps = 1200;

/** Processes on one store that know the same tasks, and what they have run. */
export class FlowScene {
  readonly runs: SeenRun[] = [];
  private readonly apps: TaskApp[] = [];
  private views: Driver[];

  constructor(
    readonly harness: Harness,
    private readonly tasks: Readonly<Record<string, SceneTask>>,
  ) {
    this.views = [harness.view];
  }

  /** A process that only sends. */
  async client(): Promise<TaskApp> {
    return await this.process({ worker: false });
  }

  async worker(options: Exclude<AppOptions['worker'], boolean | undefined> = {}): Promise<TaskApp> {
    return await this.process({ worker: { drainTimeout: 0.5, ...options } });
  }

  /** Lets time pass until the probe is true. */
  async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    for (let step = 0; step < mostSteps; step += 1) {
      if (await probe()) return;
      await this.harness.advance(stepMs);
    }
    assert.fail(what);
  }

  /** Lets time pass until the work is done. */
  async settled<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const over = (): void => {
      state.over = true;
    };
    work.then(over, over);
    await this.until('what was asked for should end', () => state.over);
    return await work;
  }

  /** Until so many runs have ended. */
  async ended(count: number): Promise<void> {
    await this.until(`${count} runs should end`, () => this.endedRuns.length >= count);
  }

  get endedRuns(): readonly SeenRun[] {
    return this.runs.filter(({ endedMs }) => endedMs !== undefined);
  }

  /** Most runs at once. */
  get mostAtOnce(): number {
    return Math.max(
      0,
      ...this.runs.map(
        (run) =>
          this.runs.filter(
            (other) =>
              other.beganMs <= run.beganMs &&
              (other.endedMs === undefined || other.endedMs > run.beganMs || other === run),
          ).length,
      ),
    );
  }

  /** A task's time, as all processes here see it. */
  async pass(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.harness.clock.after(ms, resolve);
    });
  }

  async close(app: TaskApp): Promise<void> {
    this.apps.splice(this.apps.indexOf(app), 1);
    await app.stop(Deadline.in(this.harness.clock, 0));
  }

  /** Ends all processes. */
  async end(): Promise<void> {
    for (let app = this.apps[0]; app !== undefined; app = this.apps[0]) await this.close(app);
  }

  private async process(options: AppOptions): Promise<TaskApp> {
    const driver = this.views.pop() ?? (await this.harness.another());
    const app = await TaskApp.create(
      { queues: ['flow'], defaultQueue: 'flow', ...options },
      { driver, clock: this.harness.clock },
    );
    for (const [name, task] of Object.entries(this.tasks)) {
      app.registry.add({
        name,
        options: task.options,
        source: 'conformance',
        run: async (args, context) => await this.run(task, args, context),
      });
    }
    await app.start();
    this.apps.push(app);
    return app;
  }

  private async run(task: SceneTask, args: readonly unknown[], context: TaskContext): Promise<unknown> {
    const { clock } = this.harness;
    const { id: taskId, name, deliveries } = context;
    const seen: SeenRun = {
      taskId,
      args,
      deliveries,
      task: name,
      beganMs: clock.monoNow(),
      endedMs: undefined,
    };
    this.runs.push(seen);
    try {
      return await task.run?.(args, context);
    } finally {
      seen.endedMs = clock.monoNow();
    }
  }
}

/** Runs a case with its scene, and ends what it has started. */
export function inScene(
  tasks: (pass: (ms: number) => Promise<void>) => Readonly<Record<string, SceneTask>>,
  run: (scene: FlowScene) => Promise<void>,
): (harness: Harness) => Promise<void> {
  return async (harness) => {
    const made: { scene?: FlowScene } = {};
    const scene = new FlowScene(
      harness,
      tasks(async (ms) => await made.scene?.pass(ms)),
    );
    made.scene = scene;
    try {
      await run(scene);
    } finally {
      await scene.end();
    }
  };
}
