import type { Outcome } from '../outcome.js';
import type { EarlierEnd } from '../run.js';
import type { AdmissionStep } from './admission-step.js';
import { heldFor } from './held-for.js';

/**
 * Ends a message that is delivered again although its task has come to its end before: it died, or lost its connection, between
 * result and acknowledgement. It is not run again, but what follows it is sent again, under the same ids. Only what was
 * delivered before is looked up.
 */
export const recognise: AdmissionStep = (run, { findEarlier }) => {
  const { redelivered, exchange } = run.delivery;
  // An exchange may have given copies to other queues, under one task id: the result may be another worker's.
  if (!redelivered || exchange !== '') return undefined;
  if (run.earlier !== undefined) return run.earlier === 'none' ? undefined : repeated(run.earlier);
  return heldFor(
    async () => await findEarlier(run),
    (earlier) => {
      run.earlier = earlier;
    },
  );
};

const repeated = (earlier: EarlierEnd): Outcome =>
  earlier.state === 'SUCCESS'
    ? { kind: 'succeeded', value: earlier.value, repeated: true, added: earlier.added }
    : { kind: 'failed', error: earlier.error, repeated: true, parked: earlier.parked };
