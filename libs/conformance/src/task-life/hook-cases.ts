import assert from 'node:assert/strict';
import { currentTask, Ignore, type TaskContext, type TaskHooks } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { LifeScene } from './life-scene.js';

/** Notes what it is told; each of them throws, where a case wants it. */
class NotingHooks implements TaskHooks {
  readonly told: string[] = [];

  constructor(private readonly throws = false) {}

  beforeStart(task: TaskContext): void {
    this.note(`before ${task.name}`);
  }

  async onSuccess(value: unknown): Promise<void> {
    await Promise.resolve();
    this.note(`success ${String(value)} of ${currentTask().name}`);
  }

  onFailure(error: unknown): void {
    this.note(`failure ${(error as Error).message}`);
  }

  onRetry(error: unknown): void {
    this.note(`retry ${(error as Error).message}`);
  }

  afterReturn({ state }: { readonly state: string }): void {
    this.note(`after ${state}`);
  }

  private note(text: string): void {
    this.told.push(text);
    if (this.throws) throw new Error(`hook: ${text}`);
  }
}

const tasksWith = (hooks: TaskHooks) => ({
  fine: { hooks: [hooks], run: (_task: TaskContext, value: unknown) => value },
  broken: {
    hooks: [hooks],
    run: (): never => {
      throw new Error('broken');
    },
  },
  flaky: {
    hooks: [hooks],
    autoretryFor: true as const,
    defaultRetryDelay: 0,
    run: (task: TaskContext): string => {
      if (task.retries === 0) throw new Error('once');
      return 'then';
    },
  },
  ignored: {
    hooks: [hooks],
    run: (): never => {
      throw new Ignore();
    },
  },
});

const toldOf = {
  fine: ['before fine', 'success 7 of fine', 'after SUCCESS'],
  broken: ['before broken', 'failure broken', 'after FAILURE'],
  flaky: [
    'before flaky',
    'retry once',
    'after RETRY',
    'before flaky',
    'success then of flaky',
    'after SUCCESS',
  ],
  ignored: ['before ignored', 'after IGNORED'],
};
const states = { fine: 'SUCCESS', broken: 'FAILURE', flaky: 'SUCCESS', ignored: 'IGNORED' };

const hooksAreTold = (throws: boolean): ConformanceCase => ({
  name: throws
    ? 'nothing that a hook throws changes the outcome'
    : 'hooks are told what happens to their task, in order',
  run: async (harness) => {
    for (const name of ['fine', 'broken', 'flaky', 'ignored'] as const) {
      const hooks = new NotingHooks(throws);
      await LifeScene.play(harness, tasksWith(hooks), async (scene, app) => {
        const result = await app.client.send(name, { args: [7] });
        await scene.untilState(result, states[name]);
        await scene.untilSettled();
        assert.deepEqual(hooks.told, toldOf[name]);
        const problems = scene.events.flatMap((event) =>
          event.type === 'worker-problem' ? [(event.error as { code?: string }).code] : [],
        );
        assert.deepEqual(problems, throws ? toldOf[name].map(() => 'LOVAGE_HOOK_FAILED') : []);
      });
    }
  },
});

/** What is called around the runs of tasks. */
export const hookCases: readonly ConformanceCase[] = [
  hooksAreTold(false),
  hooksAreTold(true),
  {
    name: 'hooks of all tasks come before those of one',
    run: async (harness) => {
      const told: string[] = [];
      const own: TaskHooks = { onSuccess: () => told.push('own') };
      await LifeScene.play(harness, { fine: { hooks: [own], run: () => 1 } }, async (scene, app) => {
        app.registry.use({ onSuccess: () => told.push('all') });
        await scene.untilState(await app.client.send('fine'), 'SUCCESS');
        assert.deepEqual(told, ['all', 'own']);
      });
    },
  },
];
