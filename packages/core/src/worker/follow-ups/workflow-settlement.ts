import type { Settlement } from '../../ports/settlement.js';
import type { FollowUps } from './following.js';

/** A settlement of a task that is a part of a workflow. Its publishes and joins are those of `followed`, in the same order. */
export interface WorkflowSettlement extends Settlement {
  readonly followed?: FollowUps | undefined;
}
