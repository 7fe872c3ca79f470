import { hasFlow } from '../../task/flow/read-flow.js';
import type { AdmissionStep } from './admission-step.js';

/** Lets a task with flow control wait for its turn; others pass. */
export const controlFlow: AdmissionStep = (run, { flow }) =>
  run.definition !== undefined && hasFlow(run.definition.options) ? flow.admit(run) : undefined;
