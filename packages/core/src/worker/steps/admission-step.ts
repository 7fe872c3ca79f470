import type { Clock } from '../../clock/clock.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import type { TaskRegistry } from '../../task/task-registry.js';
import type { FlowGate } from '../flow/flow-gate.js';
import type { Hold } from '../hold.js';
import type { Outcome } from '../outcome.js';
import type { Revocations } from '../revocations.js';
import type { EarlierEnd, Run } from '../run.js';
import type { Suspects } from '../suspects.js';
import type { TaskPlans } from '../task-plans.js';

/** What the steps need. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly registry: TaskRegistry;
  readonly plans: TaskPlans;
  readonly decoding: DecodeOptions;
  readonly revocations: Revocations;
  readonly maxDeliveries: number;
  /** Whether the task of a message ended before. Never rejects. */
  readonly findEarlier: (run: Run) => Promise<EarlierEnd | 'none'>;
  /** Whether this copy of a message has the task, see `BodyCopies`. Never rejects. */
  readonly ownsCopy: (run: Run, copy: string) => Promise<boolean>;
  /** Acknowledges a message before its run; gives the function that calls the run off. */
  readonly acknowledge: (run: Run, wake: () => void) => () => void;
  readonly flow: FlowGate;
  readonly suspects: Suspects;
}

/** What a step answers: an outcome ends the delivery here, a hold keeps it outside of the slots, `undefined` lets it pass. */
export type Admission = Outcome | Hold | undefined;

/** One check between a delivery and its run. A run that was held passes all steps again when it is woken. */
export type AdmissionStep = (run: Run, parts: AdmissionParts) => Admission;
