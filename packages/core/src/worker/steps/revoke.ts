import { stampIdsOf } from '../../message/stamp-ids.js';
import type { Hold } from '../hold.js';
import type { Revocations } from '../revocations.js';
import type { Run } from '../run.js';
import type { AdmissionStep } from './admission-step.js';
import { heldFor } from './held-for.js';

/** Ends a task that was revoked before it began, by its id or by a stamp that it carries. */
export const revoke: AdmissionStep = (run, { revocations }) => {
  const { delivery, taskId, message } = run;
  if (delivery.revoked === true || revocations.has(taskId)) return { kind: 'revoked', reason: 'revoked' };
  if (message?.stamps === undefined) return undefined;
  const stamps = stampIdsOf(message.stamps);
  if (stamps.some((stamp) => revocations.has(stamp))) return { kind: 'revoked', reason: 'revoked' };
  return run.stampsAsked || stamps.length === 0 ? undefined : asked(run, stamps, revocations);
};

/** When the ledger can not be asked the task runs: a revocation may be late, a task must not be stuck. */
const asked = (run: Run, stamps: readonly string[], revocations: Revocations): Hold =>
  heldFor(
    async () => await revocations.find(stamps).catch(() => undefined),
    () => {
      run.stampsAsked = true;
    },
  );
