import type { AdmissionStep } from './admission-step.js';

/** Ends a task that was revoked before it began. */
export const revoke: AdmissionStep = ({ delivery, taskId }, { revocations }) =>
  delivery.revoked === true || revocations.has(taskId) ? { kind: 'revoked', reason: 'revoked' } : undefined;
