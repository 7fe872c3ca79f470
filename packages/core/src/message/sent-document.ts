/** Ids that need no escaping in JSON; all that we make are of this form. */
const plainId = /^[\w.:-]{1,255}$/;

/** The result document of a task that was sent and of which nothing else is known: state PENDING, as Celery would read it. */
export function sentDocument(taskId: string): string {
  const id = plainId.test(taskId) ? `"${taskId}"` : JSON.stringify(taskId);
  return `{"status":"PENDING","result":null,"traceback":null,"children":[],"date_done":null,"task_id":${id}}`;
}
