import type { StoredResult } from '../ports/stored-result.js';

/** Ids that need no escaping in JSON; all that we make are of this form. */
const plainId = /^[\w.:-]{1,255}$/;

/**
 * The record that an id was sent: a result document with the state PENDING, as Celery would read it. One is made for every
 * message, and in most cases the result comes before anybody looks, so its bytes are made when they are first asked for.
 */
export class SentMarker implements StoredResult {
  readonly state = 'PENDING';
  private bytes: Buffer | undefined;

  /** @param ttlMs `undefined`: kept for ever */
  constructor(
    readonly taskId: string,
    readonly ttlMs: number | undefined,
  ) {}

  get document(): Buffer {
    this.bytes ??= Buffer.from(textOf(this.taskId));
    return this.bytes;
  }
}

function textOf(taskId: string): string {
  const id = plainId.test(taskId) ? `"${taskId}"` : JSON.stringify(taskId);
  return `{"status":"PENDING","result":null,"traceback":null,"children":[],"date_done":null,"task_id":${id}}`;
}
