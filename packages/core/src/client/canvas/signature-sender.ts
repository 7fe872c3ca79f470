import type { SignatureJson } from '../../message/signature-json.js';

/** Sends signatures: the client that they were made with. */
export interface SignatureSender {
  /** @param options in Celery's names */
  send(json: SignatureJson, args: readonly unknown[], options: SignatureJson['options']): Promise<unknown>;
  /** Runs the task of a plain signature in this process. */
  call(json: SignatureJson, args: readonly unknown[]): Promise<unknown>;
}
