import { types } from 'node:util';
import { isLovageError } from '../errors/lovage-error.js';
import { MAX_RETRIES_EXCEEDED, TASK_REVOKED, TASK_UNKNOWN } from '../errors/task-errors.js';

/** Class, module and arguments of a Python exception. */
export interface PythonException {
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
}

const module = 'celery.exceptions';

/** The errors of this library that Celery has a class for, as Celery's own workers write them. */
export function celeryException(error: unknown): PythonException | undefined {
  if (types.isProxy(error) || !isLovageError(error)) return undefined;
  if (TASK_REVOKED.is(error)) {
    return { type: 'TaskRevokedError', args: [error.details.reason], module };
  }
  if (TASK_UNKNOWN.is(error)) {
    return { type: 'NotRegistered', args: [error.details.taskName], module };
  }
  if (MAX_RETRIES_EXCEEDED.is(error)) {
    return { type: 'MaxRetriesExceededError', args: [error.message], module };
  }
  return undefined;
}
