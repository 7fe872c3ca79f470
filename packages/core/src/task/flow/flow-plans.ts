import type { KnownTask } from '../task-definition.js';
import type { FlowPlan } from './flow-plan.js';
import { hasFlow, readFlow } from './read-flow.js';

const plans = new WeakMap<KnownTask, FlowPlan>();

/**
 * The flow control of a task, read at its first use.
 *
 * @throws LOVAGE_OPTION_INVALID
 */
export function flowPlanOf(task: KnownTask): FlowPlan | undefined {
  if (!hasFlow(task.options)) return undefined;
  let plan = plans.get(task);
  if (plan === undefined) {
    plan = readFlow(task.name, task.options);
    if (plan !== undefined) plans.set(task, plan);
  }
  return plan;
}
