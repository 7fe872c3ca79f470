import { defineError } from './define-error.js';

interface Identity {
  readonly taskId: string;
  readonly taskName: string;
}

export const DELIVERY_LOST = defineError<Identity>(
  'LOVAGE_DELIVERY_LOST',
  'A worker lost its claim on a message while it had it, so another may run it; the outcome of this run was refused.',
  (d) =>
    `task ${d.taskName} (${d.taskId}): this worker lost its claim on the message, so the outcome of this run was refused. Another worker gets it.`,
);

export const SETTLE_FAILED = defineError<Identity & { readonly broker: string; readonly attempts: number }>(
  'LOVAGE_SETTLE_FAILED',
  'The outcome of a task could not be stored or its message not be acknowledged, after several attempts.',
  (d) =>
    `task ${d.taskName} (${d.taskId}): its outcome could not be settled with ${d.broker} in ${d.attempts} attempts. That is tried again as long as the message is held here; otherwise it will be delivered again.`,
);

export const WORKER_STOPPING = defineError<Identity>(
  'LOVAGE_WORKER_STOPPING',
  "Reason of the signal of a task that still runs when its worker's deadline for stopping has passed.",
  (d) =>
    `task ${d.taskName} (${d.taskId}) was cut: its worker is stopping and the drain timeout has passed. It will be run again.`,
);

export const TASK_TERMINATED = defineError<Identity>(
  'LOVAGE_TASK_TERMINATED',
  'Reason of the signal of a running task that was revoked with terminate.',
  (d) => `task ${d.taskName} (${d.taskId}) was revoked with terminate while it ran.`,
);

export const SOFT_TIME_LIMIT = defineError<Identity & { readonly limitMs: number }>(
  'LOVAGE_SOFT_TIME_LIMIT',
  'Reason of the signal of a task that runs longer than its softTimeLimit; its error where it does not catch it.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) runs for longer than its soft time limit of ${d.limitMs} ms. Let it clean up and end, or raise softTimeLimit.`,
);

export const TIME_LIMIT = defineError<Identity & { readonly limitMs: number }>(
  'LOVAGE_TIME_LIMIT',
  'A task ran longer than its timeLimit and was ended.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) ran for longer than its time limit of ${d.limitMs} ms and was ended. Raise timeLimit, or make it shorter.`,
);

export const HOOK_FAILED = defineError<Identity & { readonly hook: string }>(
  'LOVAGE_HOOK_FAILED',
  'A hook of a task has thrown; the outcome of the task is the same.',
  (d) =>
    `task ${d.taskName} (${d.taskId}): the hook ${d.hook} has thrown. The outcome of the task is the same.`,
);

export const workerErrors = [
  DELIVERY_LOST,
  SETTLE_FAILED,
  WORKER_STOPPING,
  TASK_TERMINATED,
  SOFT_TIME_LIMIT,
  TIME_LIMIT,
  HOOK_FAILED,
];
