import { decodeTask } from '../../message/decode-task.js';
import { unreadable } from '../unreadable.js';
import type { AdmissionStep } from './admission-step.js';

/** Reads the message. One that is no task, or is refused, is parked. */
export const decode: AdmissionStep = (run, { decoding }) => {
  try {
    run.message ??= decodeTask(run.delivery.message, decoding);
    return undefined;
  } catch (error) {
    return unreadable(run.delivery.message, error, 'it can not be decoded');
  }
};
