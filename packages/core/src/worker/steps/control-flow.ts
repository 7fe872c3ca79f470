import type { AdmissionStep } from './admission-step.js';

/** Lets a task with flow control wait for its turn; others pass. */
export const controlFlow: AdmissionStep = (run, { flow }) =>
  run.plan?.controlled === true ? flow.admit(run) : undefined;
