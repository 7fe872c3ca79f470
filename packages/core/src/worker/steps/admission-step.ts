import type { Clock } from '../../clock/clock.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import type { TaskRegistry } from '../../task/task-registry.js';
import type { Outcome } from '../outcome.js';
import type { Revocations } from '../revocations.js';
import type { Run } from '../run.js';

/** What the steps need. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly registry: TaskRegistry;
  readonly decoding: DecodeOptions;
  readonly revocations: Revocations;
  readonly maxDeliveries: number;
}

/** One check between a delivery and its run. An outcome ends the delivery here. */
export type AdmissionStep = (run: Run, parts: AdmissionParts) => Outcome | undefined;
