import type { AdmissionStep } from './admission-step.js';

/** Has the broker count a suspect that nothing keeps from beginning any more. */
export const countBegin: AdmissionStep = (run, { suspects }) =>
  run.counts || !suspects.include(run.delivery)
    ? undefined
    : { kind: 'held', brief: true, takesSlot: true, wait: (wake) => suspects.begin(run, wake) };
