import type { WallMs } from '../../clock/clock.js';
import type { AdmissionStep } from './admission-step.js';

/**
 * Sends a message whose eta has not come back to the broker's time index. Messages of our own wait there from the start;
 * those of other clients are delivered at once.
 */
export const postpone: AdmissionStep = ({ message }, { clock }) =>
  message?.eta !== undefined && clock.wallNow() < message.eta.getTime()
    ? { kind: 'postponed', notBefore: message.eta.getTime() as WallMs }
    : undefined;
