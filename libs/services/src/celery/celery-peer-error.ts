/**
 * What a Python worker does with a message that it does not run:
 * - `unknown-message`: rejects it, neither protocol 2 nor 1
 * - `unknown-task`: rejects it, stores FAILURE NotRegistered
 * - `invalid-task`: rejects it (content type not accepted, bad eta, …), stores nothing
 * - `decode-error`: acknowledges it and forgets it
 * - `worker-exits`: the worker process ends
 */
export type PeerOutcome =
  | 'unknown-message'
  | 'unknown-task'
  | 'invalid-task'
  | 'decode-error'
  | 'worker-exits';

export interface PythonErrorAnswer {
  readonly type: string;
  readonly module: string;
  readonly message: string;
  readonly traceback: string;
  readonly outcome: PeerOutcome | null;
}

/** Python raised an error while it worked on a request. */
export class CeleryPeerError extends Error {
  /** Class of the Python exception with its module, such as `kombu.exceptions.ContentDisallowed`. */
  readonly pythonType: string;
  readonly pythonMessage: string;
  readonly pythonTraceback: string;
  /** Only from `decode`: what the worker does with the message. */
  readonly outcome: PeerOutcome | undefined;

  constructor(operation: string, answer: PythonErrorAnswer) {
    const pythonType = `${answer.module}.${answer.type}`;
    const outcome = answer.outcome === null ? '' : ` (${answer.outcome})`;
    super(`${operation}${outcome}: ${pythonType}: ${answer.message}`);
    this.name = 'CeleryPeerError';
    this.pythonType = pythonType;
    this.pythonMessage = answer.message;
    this.pythonTraceback = answer.traceback;
    this.outcome = answer.outcome ?? undefined;
  }
}
