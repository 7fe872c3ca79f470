import type { AdmissionStep } from './admission-step.js';

/** Acknowledges the message of a task that must never run twice, before it begins. The last step. */
export const acknowledgeEarly: AdmissionStep = (run, { acknowledge }) =>
  run.definition?.options.acksLate !== false || run.acknowledgement === 'done'
    ? undefined
    : { kind: 'held', brief: true, takesSlot: true, wait: (wake) => acknowledge(run, wake) };
