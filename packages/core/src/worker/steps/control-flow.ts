import type { AdmissionStep } from './admission-step.js';

/** Lets a task with flow control wait for its turn; others pass. */
export const controlFlow: AdmissionStep = (run, { flow }) =>
  run.definition !== undefined && flow.controls(run.definition) ? flow.admit(run) : undefined;
