import type { MonoMs } from '../../clock/clock.js';
import type { Lease } from '../../ports/ledger.js';
import type { FlowPlan } from '../../task/flow/flow-plan.js';
import type { TaskMessage } from '../../message/task-message.js';
import type { Outcome } from '../outcome.js';
import type { Run, RunPermit } from '../run.js';

/** A run that asks whether it may begin. */
export interface FlowEntry {
  readonly run: Run;
  readonly message: TaskMessage;
  readonly plan: FlowPlan;
  readonly wake: () => void;
  readonly enteredAt: MonoMs;
  /** It was found to be the last of its calls. */
  isLast: boolean;
  /** Its place among unique tasks, once it is known to be its own. */
  place: Lease | undefined;
  /** It was handed back, or lost. */
  left: boolean;
}

/** Whether a run may begin. */
export type FlowAnswer =
  | { readonly kind: 'granted'; readonly permit: RunPermit }
  | { readonly kind: 'refused'; readonly refusal: Outcome }
  /** Ask again after this time, or when something of it has become free here. */
  | { readonly kind: 'wait'; readonly waitMs: number; readonly stepMs: number };
