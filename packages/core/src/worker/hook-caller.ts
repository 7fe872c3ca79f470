import { HOOK_FAILED } from '../errors/worker-errors.js';
import { runInTask, type RunningTask } from '../task/current-task.js';
import type { TaskContext } from '../task/task-context.js';
import type { TaskDefinition } from '../task/task-definition.js';
import type { TaskEnd, TaskHooks } from '../task/task-hooks.js';
import type { TaskRegistry } from '../task/task-registry.js';

/** `undefined`: nothing is to be called around the runs of this task. */
export function hookCallerOf(
  { hooks: own }: TaskDefinition,
  { hooks: common }: TaskRegistry,
  onFailed: (error: Error) => void,
): HookCaller | undefined {
  if (own === undefined && common.length === 0) return undefined;
  return new HookCaller(own === undefined ? common : [...common, ...own], onFailed);
}

/** Calls the hooks of a task one after the other. Nothing that they throw goes further than the report. */
export class HookCaller {
  /** @param onFailed told what a hook has thrown */
  constructor(
    private readonly hooks: readonly TaskHooks[],
    private readonly onFailed: (error: Error) => void,
  ) {}

  async before(running: RunningTask & TaskContext): Promise<void> {
    for (const hooks of this.hooks)
      await this.call('beforeStart', running, async () => await hooks.beforeStart?.(running));
  }

  async after(end: TaskEnd, running: RunningTask & TaskContext): Promise<void> {
    for (const hooks of this.hooks) {
      switch (end.state) {
        case 'SUCCESS':
          await this.call('onSuccess', running, async () => await hooks.onSuccess?.(end.value, running));
          break;
        case 'FAILURE':
          await this.call('onFailure', running, async () => await hooks.onFailure?.(end.error, running));
          break;
        case 'RETRY':
          await this.call('onRetry', running, async () => await hooks.onRetry?.(end.error, running));
          break;
        case 'IGNORED':
        case 'REJECTED':
        case 'REVOKED':
      }
    }
    for (const hooks of this.hooks)
      await this.call('afterReturn', running, async () => await hooks.afterReturn?.(end, running));
  }

  private async call(
    hook: keyof TaskHooks,
    running: RunningTask & TaskContext,
    action: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await runInTask(running, action);
    } catch (error) {
      this.onFailed(HOOK_FAILED.create({ taskName: running.name, taskId: running.id, hook }, error));
    }
  }
}
