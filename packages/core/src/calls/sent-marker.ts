import { sentDocument } from '../message/sent-document.js';
import type { StoredResult } from '../ports/stored-result.js';

/**
 * The record that an id was sent: a result document with the state PENDING, as Celery would read it. One is made for every
 * message, and in most cases the result comes before anybody looks, so its text is made when it is first asked for.
 */
export class SentMarker implements StoredResult {
  readonly state = 'PENDING';
  private text: string | undefined;

  /** @param ttlMs `undefined`: kept for ever */
  constructor(
    readonly taskId: string,
    readonly ttlMs: number | undefined,
  ) {}

  get document(): string {
    this.text ??= sentDocument(this.taskId);
    return this.text;
  }
}
