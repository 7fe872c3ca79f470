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
    `task ${d.taskName} (${d.taskId}): its outcome could not be settled with ${d.broker} in ${d.attempts} attempts. The message will be delivered again.`,
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

export const workerErrors = [DELIVERY_LOST, SETTLE_FAILED, WORKER_STOPPING, TASK_TERMINATED];
