import type { AdmissionStep } from './admission-step.js';

/** Ends a task whose time is over before it began. */
export const expire: AdmissionStep = ({ message }, { clock }) =>
  message?.expires !== undefined && clock.wallNow() > message.expires.getTime()
    ? { kind: 'revoked', reason: 'expired' }
    : undefined;
