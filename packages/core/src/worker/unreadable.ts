import { isLovageError } from '../errors/lovage-error.js';
import { MESSAGE_INVALID } from '../errors/message-errors.js';
import { peekIdentity } from '../message/peek-identity.js';
import type { WireMessage } from '../message/wire-message.js';
import type { Outcome } from './outcome.js';

/**
 * The end of a delivery whose message is no task, or is refused: parked. One that fails in a way nobody foresaw must not take the
 * worker with it.
 *
 * @param thrown what its reader has thrown
 * @param problem says so where that is no error of this library
 */
export function unreadable(message: WireMessage, thrown: unknown, problem: string): Outcome {
  const error = isLovageError(thrown)
    ? thrown
    : MESSAGE_INVALID.create({ ...peekIdentity(message), problem }, thrown);
  return { kind: 'parked', error };
}
