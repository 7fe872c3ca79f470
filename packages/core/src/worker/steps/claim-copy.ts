import { copyOf } from '../body-copies.js';
import type { AdmissionStep } from './admission-step.js';

/** Ends a copy of a message whose task another copy has. */
export const claimCopy: AdmissionStep = (run, { ownsCopy }) => {
  const copy = copyOf(run);
  if (copy === undefined || run.ownsCopy === true) return undefined;
  if (run.ownsCopy === false) return { kind: 'superseded' };
  return {
    kind: 'held',
    brief: true,
    wait: (wake) => {
      let isOver = false;
      void ownsCopy(run, copy).then((owns) => {
        run.ownsCopy = owns;
        if (!isOver) wake();
      });
      return () => {
        isOver = true;
      };
    },
  };
};
