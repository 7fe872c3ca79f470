/** Celery's states. A task may set words of its own with `updateState`, so a state is any text. */
export const TaskState = {
  /** Nothing is known: waiting, or never sent. */
  PENDING: 'PENDING',
  /** A worker has the message. Only in events. */
  RECEIVED: 'RECEIVED',
  /** A worker runs it. */
  STARTED: 'STARTED',
  /** It failed and will be sent again. */
  RETRY: 'RETRY',
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  /** Revoked, expired or terminated. */
  REVOKED: 'REVOKED',
  /** The message was rejected. Only in events. */
  REJECTED: 'REJECTED',
  /** The task ended without a result. Only in events. */
  IGNORED: 'IGNORED',
} as const;

/** One of Celery's own states. */
export type TaskStateName = (typeof TaskState)[keyof typeof TaskState];

/** Whether the state is final: SUCCESS, FAILURE or REVOKED. */
export function isReady(state: string): boolean {
  return state === TaskState.SUCCESS || hasFailed(state);
}

/** Whether a task has come to an end that is no success. */
export function hasFailed(state: string): boolean {
  return state === TaskState.FAILURE || state === TaskState.REVOKED;
}

/** Whether a record in the one state may take the place of a stored one in the other; see `ResultStore.put`. */
export function mayReplace(storedState: string, newState: string): boolean {
  if (storedState === TaskState.SUCCESS) return false;
  return !isReady(storedState) || isReady(newState);
}

const order = new Map<string, number>([
  [TaskState.SUCCESS, 0],
  [TaskState.FAILURE, 1],
  // 2: every other word
  [TaskState.REVOKED, 3],
  [TaskState.STARTED, 4],
  [TaskState.RECEIVED, 5],
  [TaskState.REJECTED, 6],
  [TaskState.RETRY, 7],
  [TaskState.PENDING, 8],
]);

/** Rank by which monitors merge events that arrive out of order; 0 (SUCCESS) is the highest, custom states have 2. */
export function precedence(state: string): number {
  return order.get(state) ?? 2;
}

/** For sorting: negative when `a` ranks above `b`. */
export function comparePrecedence(a: string, b: string): number {
  return precedence(a) - precedence(b);
}
