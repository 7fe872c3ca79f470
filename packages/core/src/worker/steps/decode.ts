import { isLovageError } from '../../errors/lovage-error.js';
import { MESSAGE_INVALID } from '../../errors/message-errors.js';
import { decodeTask } from '../../message/decode-task.js';
import { peekIdentity } from '../../message/peek-identity.js';
import type { AdmissionStep } from './admission-step.js';

/** Reads the message. One that is no task, or is refused, is parked. */
export const decode: AdmissionStep = (run, { decoding }) => {
  try {
    run.message ??= decodeTask(run.delivery.message, decoding);
    return undefined;
  } catch (error) {
    // A decoder that fails in a way nobody foresaw must not take the worker with it.
    const coded = isLovageError(error)
      ? error
      : MESSAGE_INVALID.create(
          { ...peekIdentity(run.delivery.message), problem: 'it can not be decoded' },
          error,
        );
    return { kind: 'parked', error: coded };
  }
};
