import { defineError } from './define-error.js';

export const TASK_UNKNOWN = defineError<{
  readonly taskName: string;
  readonly registered: number;
  readonly closest?: string | undefined;
}>(
  'LOVAGE_TASK_UNKNOWN',
  'A worker received a task, or a caller named one, that is not registered here.',
  (d) =>
    `no task "${d.taskName}" is registered here (${d.registered} registered${d.closest === undefined ? '' : `, closest: "${d.closest}"`}). ` +
    'Register it in this process, or route it to a queue whose workers know it.',
);

export const TASK_DUPLICATE = defineError<{
  readonly taskName: string;
  readonly first: string;
  readonly second: string;
}>(
  'LOVAGE_TASK_DUPLICATE',
  'Two tasks were registered under one name.',
  (d) =>
    `the task name "${d.taskName}" is used twice: by ${d.first} and by ${d.second}. Give one of them another name.`,
);

export const TASK_DEFINITION_INVALID = defineError<{ readonly taskName: string; readonly problem: string }>(
  'LOVAGE_TASK_DEFINITION_INVALID',
  'A task was defined with a wrong name, handler or parameter list.',
  (d) => `task "${d.taskName}": ${d.problem}.`,
);

/** One argument that was refused. */
export interface ArgumentProblem {
  /** Path, such as `y` or `dto.email`; the position where no name is known. */
  readonly argument: string;
  readonly problem: string;
}

export const ARGUMENTS_INVALID = defineError<{
  readonly taskName: string;
  readonly problems: readonly ArgumentProblem[];
}>(
  'LOVAGE_ARGUMENTS_INVALID',
  'The number, names or types of the arguments of a call do not fit the task.',
  (d) =>
    `wrong arguments for task "${d.taskName}": ${d.problems.map((p) => `${p.argument}: ${p.problem}`).join('; ')}.`,
);

export const NOT_IN_TASK = defineError<{ readonly operation: string }>(
  'LOVAGE_NOT_IN_TASK',
  'Something that belongs to a running task was asked for outside of one.',
  (d) =>
    `${d.operation} works only while a task runs. Call it from the task's method or from what that method calls.`,
);

export const STATE_RESERVED = defineError<{ readonly state: string }>(
  'LOVAGE_STATE_RESERVED',
  'updateState was called with a state that only the worker may set, or with no word at all.',
  (d) =>
    `updateState can not set the state "${d.state}": the worker sets it. Use a word of your own, such as "PROGRESS".`,
);

export const MAX_RETRIES_EXCEEDED = defineError<{
  readonly taskName: string;
  readonly taskId: string;
  readonly maxRetries: number;
}>(
  'LOVAGE_MAX_RETRIES_EXCEEDED',
  'A task asked for another retry after its last one, without an error of its own; also the reason for which the message of a task without retries left is parked.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) asked for a retry after ${d.maxRetries} retries. Raise maxRetries, or let it fail earlier.`,
);

/** Thrown as a `RemoteError`, whose name and message are those of the error at the worker. */
export const TASK_FAILED = defineError<{ readonly type: string; readonly module: string | undefined }>(
  'LOVAGE_TASK_FAILED',
  'A task failed; the error that a caller gets tells what it failed with.',
  (d) => `the task failed with ${d.type}.`,
);

export const TASK_REVOKED = defineError<{
  readonly taskId: string;
  readonly reason: 'revoked' | 'expired' | 'terminated';
}>(
  'LOVAGE_TASK_REVOKED',
  'A task was revoked or expired, so it has no result.',
  (d) => `task ${d.taskId} was ${d.reason} and has no result.`,
);

export const TASK_POISONOUS = defineError<{
  readonly taskId: string;
  readonly taskName: string;
  readonly deliveries: number;
}>(
  'LOVAGE_TASK_POISONOUS',
  'A message was delivered more than maxDeliveries times without being settled: it seems to kill its worker.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) was delivered ${d.deliveries} times and never ended. It was parked: look at what its worker did, then send it again.`,
);

export const TASK_REJECTED = defineError<{
  readonly taskId: string;
  readonly taskName: string;
  readonly reason: string;
}>(
  'LOVAGE_TASK_REJECTED',
  'A task rejected its own message with Reject.',
  (d) => `task ${d.taskName} (${d.taskId}) was rejected: ${d.reason}. The message was parked.`,
);

export const TASK_PARKED = defineError<{ readonly taskId: string; readonly taskName: string }>(
  'LOVAGE_TASK_PARKED',
  'Reason for which the message of a failed task is parked: its task has acksOnFailureOrTimeout: false.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) failed and was parked, since it has acksOnFailureOrTimeout: false. Send it again when the cause is mended.`,
);

export const FLOW_KEY_INVALID = defineError<{ readonly taskName: string; readonly problem: string }>(
  'LOVAGE_FLOW_KEY_INVALID',
  "The key function (`by`) of a task's flow control threw, or gave neither text nor a number.",
  (d) =>
    `no key for the flow control of task "${d.taskName}": ${d.problem}. Let "by" give a text for every call of the task.`,
);

export const taskErrors = [
  FLOW_KEY_INVALID,
  TASK_UNKNOWN,
  TASK_DUPLICATE,
  TASK_DEFINITION_INVALID,
  ARGUMENTS_INVALID,
  NOT_IN_TASK,
  STATE_RESERVED,
  MAX_RETRIES_EXCEEDED,
  TASK_FAILED,
  TASK_REVOKED,
  TASK_POISONOUS,
  TASK_REJECTED,
  TASK_PARKED,
];
