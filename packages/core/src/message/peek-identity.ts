import type { MessageIdentity } from '../errors/message-errors.js';
import type { WireMessage } from './wire-message.js';

/** Text may come from anywhere; what is longer than this is no name. */
const maxNameLength = 1000;

/**
 * Reads the task id and name of a message as far as that is possible without its body, whatever is wrong with it. A
 * message of protocol 1 shows only its id. Never throws.
 */
export function peekIdentity(message: WireMessage): MessageIdentity {
  return {
    taskId: nameIn(() => message.headers['id']) ?? nameIn(() => message.properties.correlationId),
    taskName: nameIn(() => message.headers['task']),
  };
}

function nameIn(read: () => unknown): string | undefined {
  try {
    const value = read();
    return typeof value === 'string' && value !== '' && value.length <= maxNameLength ? value : undefined;
  } catch {
    // No headers, or an object that throws when it is looked at.
    return undefined;
  }
}
