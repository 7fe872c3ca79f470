import { isReady, TaskState } from './task-state.js';

/**
 * Whether nothing will change any more. Beside Celery's final states these are the two that our workers store when a
 * task ended without a result; Celery stores neither.
 */
export function isOver(state: string): boolean {
  return isReady(state) || state === TaskState.IGNORED || state === TaskState.REJECTED;
}
