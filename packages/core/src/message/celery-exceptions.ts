import { types } from 'node:util';
import { CHORD_FAILED, WORKFLOW_STUCK } from '../errors/canvas-errors.js';
import { isLovageError } from '../errors/lovage-error.js';
import { MAX_RETRIES_EXCEEDED, TASK_REVOKED, TASK_UNKNOWN } from '../errors/task-errors.js';
import { WORKER_LOST } from '../errors/pool-errors.js';
import { SOFT_TIME_LIMIT, TIME_LIMIT } from '../errors/worker-errors.js';

/** Class, module and arguments of a Python exception. */
export interface PythonException {
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
}

const module = 'celery.exceptions';
/** Where Celery's own pool has them from. */
const billiard = 'billiard.exceptions';
const second = 1000;

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
  if (SOFT_TIME_LIMIT.is(error)) {
    return { type: 'SoftTimeLimitExceeded', args: [error.details.limitMs / second], module: billiard };
  }
  if (TIME_LIMIT.is(error)) {
    return { type: 'TimeLimitExceeded', args: [error.details.limitMs / second], module: billiard };
  }
  if (WORKER_LOST.is(error)) {
    return { type: 'WorkerLostError', args: [error.message], module: billiard };
  }
  if (CHORD_FAILED.is(error) || WORKFLOW_STUCK.is(error))
    return { type: 'ChordError', args: [error.message], module };
  return undefined;
}
