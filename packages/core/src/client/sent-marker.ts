import type { StoredResult } from '../ports/stored-result.js';

/** Ids that need no escaping in JSON; all that we make are of this form. */
const plainId = /^[\w.:-]{1,255}$/;

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
    this.text ??= textOf(this.taskId);
    return this.text;
  }
}

function textOf(taskId: string): string {
  const id = plainId.test(taskId) ? `"${taskId}"` : JSON.stringify(taskId);
  return `{"status":"PENDING","result":null,"traceback":null,"children":[],"date_done":null,"task_id":${id}}`;
}
