import type { AdmissionStep } from './admission-step.js';

/** Finds the task by its name. A message of an unknown task is parked: another version of the program may know it. */
export const identify: AdmissionStep = (run, { plans, registry }) => {
  run.plan = plans.find(run.taskName);
  return run.plan === undefined ? { kind: 'parked', error: registry.unknown(run.taskName) } : undefined;
};
