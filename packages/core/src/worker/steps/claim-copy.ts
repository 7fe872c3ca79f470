import { copyOf } from '../body-copies.js';
import type { AdmissionStep } from './admission-step.js';
import { heldFor } from './held-for.js';

/** Ends a copy of a message whose task another copy has. */
export const claimCopy: AdmissionStep = (run, { ownsCopy }) => {
  const copy = copyOf(run);
  if (copy === undefined || run.ownsCopy === true) return undefined;
  if (run.ownsCopy === false) return { kind: 'superseded' };
  return heldFor(
    async () => await ownsCopy(run, copy),
    (owns) => {
      run.ownsCopy = owns;
    },
  );
};
