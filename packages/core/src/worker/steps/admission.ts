import type { Run } from '../run.js';
import type { Admission, AdmissionParts, AdmissionStep } from './admission-step.js';
import { acknowledgeEarly } from './acknowledge-early.js';
import { claimCopy } from './claim-copy.js';
import { controlFlow } from './control-flow.js';
import { countBegin } from './count-begin.js';
import { decode } from './decode.js';
import { expire } from './expire.js';
import { identify } from './identify.js';
import { isolatePoison } from './isolate-poison.js';
import { postpone } from './postpone.js';
import { recognise } from './recognise.js';
import { revoke } from './revoke.js';

const steps: readonly AdmissionStep[] = [
  decode,
  claimCopy,
  recognise,
  isolatePoison,
  revoke,
  expire,
  identify,
  postpone,
  controlFlow,
  countBegin,
  acknowledgeEarly,
];

/** Takes a delivery through all steps in their order; `undefined`: it may run. */
export function admit(run: Run, parts: AdmissionParts): Admission {
  for (const step of steps) {
    const answer = step(run, parts);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
