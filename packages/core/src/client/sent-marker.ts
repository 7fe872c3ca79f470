import type { StoredResult } from '../ports/stored-result.js';

/** Ids that need no escaping in JSON; all that we make are of this form. */
const plainId = /^[\w.:-]{1,255}$/;

/**
 * The record that an id was sent: a result document with the state PENDING, as Celery would read it. Built as text, since
 * it is made for every message.
 */
export function sentMarker(taskId: string, ttlMs: number | undefined): StoredResult {
  const id = plainId.test(taskId) ? `"${taskId}"` : JSON.stringify(taskId);
  const text = `{"status":"PENDING","result":null,"traceback":null,"children":[],"date_done":null,"task_id":${id}}`;
  return { taskId, state: 'PENDING', document: Buffer.from(text), ttlMs };
}
