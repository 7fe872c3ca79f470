import type { TaskDefinition } from '../task/task-definition.js';
import type { TaskRegistry } from '../task/task-registry.js';
import { hookCallerOf } from './hook-caller.js';
import type { TaskPlan } from './run.js';
import { runActionOf } from './run-attempt.js';
import { type TimeLimits, usualLimitsOf } from './time-limits.js';

export interface TaskPlansParts {
  readonly registry: TaskRegistry;
  /** Of tasks that say nothing. */
  readonly limits: TimeLimits;
  /** Whether a task has flow control; told by `renew` when that may have changed. */
  readonly controls: (definition: TaskDefinition) => boolean;
  /** Told what hooks have thrown. */
  readonly onHookFailed: (error: Error) => void;
}

/** The plans of tasks, each made when the first message of its task comes. */
export class TaskPlans {
  private readonly plans = new Map<string, TaskPlan>();
  /** By task name, set while the worker runs. */
  private readonly changedLimits = new Map<string, TimeLimits>();
  private revision = 0;

  constructor(private readonly parts: TaskPlansParts) {}

  /** Of a task that can be run here. */
  find(taskName: string): TaskPlan | undefined {
    const { registry } = this.parts;
    if (this.revision !== registry.revision) {
      this.plans.clear();
      this.revision = registry.revision;
    }
    const present = this.plans.get(taskName);
    if (present !== undefined) return present;
    const definition = registry.find(taskName);
    if (definition === undefined) return undefined;
    const plan = this.planOf(definition);
    this.plans.set(taskName, plan);
    return plan;
  }

  /** Changes the limits for runs that begin from now on, where their message says nothing. */
  setTimeLimits(taskName: string, limits: TimeLimits): void {
    this.changedLimits.set(taskName, limits);
    this.renew(taskName);
  }

  /** Its plan is to be made anew. */
  renew(taskName: string): void {
    this.plans.delete(taskName);
  }

  private planOf(definition: TaskDefinition): TaskPlan {
    const { registry, limits, controls, onHookFailed } = this.parts;
    const changed = this.changedLimits.get(definition.name);
    const hooks = hookCallerOf(definition, registry, onHookFailed);
    return {
      definition,
      controlled: controls(definition),
      limits: changed === undefined ? usualLimitsOf(definition.options, limits) : usualLimitsOf({}, changed),
      hooks,
      action: runActionOf(definition, hooks),
    };
  }
}
