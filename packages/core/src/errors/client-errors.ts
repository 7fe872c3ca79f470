import { defineError } from './define-error.js';

export const PUBLISH_FAILED = defineError<{
  readonly taskName: string;
  readonly taskId: string;
  readonly broker: string;
  readonly attempts: number;
  readonly problem: string;
}>(
  'LOVAGE_PUBLISH_FAILED',
  'The broker did not take a message, after the retries of the publish policy (Celery: OperationalError).',
  (d) =>
    `task ${d.taskName} (${d.taskId}) was not taken by ${d.broker} in ${d.attempts} attempt(s): ${d.problem.replace(/\.?$/, '.')} ` +
    'It may still arrive; sending again with the same id is safe where the task may run twice.',
);

export const UNROUTABLE = defineError<{
  readonly taskName: string;
  readonly taskId: string;
  readonly exchange: string;
  readonly routingKey: string;
}>(
  'LOVAGE_UNROUTABLE',
  'No queue is bound to the exchange with the routing key of a message.',
  (d) =>
    `task ${d.taskName} (${d.taskId}): no queue is bound to exchange "${d.exchange}" with routing key "${d.routingKey}". ` +
    'Declare the queue and its binding, or correct the route.',
);

export const RESULT_TIMEOUT = defineError<{
  readonly taskId: string;
  readonly state: string;
  readonly afterMs: number;
}>(
  'LOVAGE_RESULT_TIMEOUT',
  'A result was not there within the time that the caller gave.',
  (d) =>
    `task ${d.taskId} had no result after ${d.afterMs} ms (state ${d.state}). It goes on; ask again, or wait longer.`,
);

export const RESULT_IGNORED = defineError<{ readonly taskId: string; readonly taskName: string }>(
  'LOVAGE_RESULT_IGNORED',
  'A caller waits for the result of a task that keeps none (ignoreResult).',
  (d) =>
    `task ${d.taskName} (${d.taskId}) was sent with ignoreResult, so there is nothing to wait for. Send it with ignoreResult: false.`,
);

export const TASK_ID_UNKNOWN = defineError<{ readonly taskId: string }>(
  'LOVAGE_TASK_ID_UNKNOWN',
  'An id was never sent, or its result has expired.',
  (d) => `no task with the id "${d.taskId}" is known: it was never sent, or its result has expired.`,
);

export const TASK_NOT_UNIQUE = defineError<{
  readonly taskName: string;
  readonly taskId: string;
  readonly key: string;
  /** Id of the task that is there already, where it is known. */
  readonly existing: string | undefined;
}>(
  'LOVAGE_TASK_NOT_UNIQUE',
  'A unique task was refused, since one with the same key is queued or running (onConflict: reject).',
  (d) =>
    `task ${d.taskName} (${d.taskId}) was refused: ${d.existing ?? 'another'} with the key "${d.key}" has not ended. ` +
    'Wait for it, or choose another onConflict.',
);

export const clientErrors = [
  TASK_NOT_UNIQUE,
  PUBLISH_FAILED,
  UNROUTABLE,
  RESULT_TIMEOUT,
  RESULT_IGNORED,
  TASK_ID_UNKNOWN,
];
