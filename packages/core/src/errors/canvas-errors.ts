import { defineError } from './define-error.js';

export const SIGNATURE_INVALID = defineError<{ readonly problem: string }>(
  'LOVAGE_SIGNATURE_INVALID',
  'A signature, or a composition of signatures, can not be sent as it is.',
  (d) => `the signature can not be used: ${d.problem}.`,
);

export const SIGNATURE_UNBOUND = defineError<{ readonly taskName: string }>(
  'LOVAGE_SIGNATURE_UNBOUND',
  'A signature that belongs to no client was asked to send itself.',
  (d) =>
    `the signature of "${d.taskName}" was made without a client. Make it with a task of the client (task.s(...)), or send it with client.apply(signature).`,
);

export const CHORD_ID_TAKEN = defineError<{ readonly groupId: string }>(
  'LOVAGE_CHORD_ID_TAKEN',
  'A chord was started under the id of another one whose parts are still counted.',
  (d) =>
    `a chord with the id "${d.groupId}" is there already. Leave the id out, so that each one gets its own, or clone the signature before sending it again.`,
);

export const CHORD_FAILED = defineError<{ readonly taskId: string; readonly reason: string }>(
  'LOVAGE_CHORD_FAILED',
  'A part of a chord did not succeed, so its body is not run (Celery: ChordError).',
  (d) => `Dependency ${d.taskId} raised ${d.reason}`,
);

export const NOT_IN_CHORD = defineError<{ readonly taskId: string; readonly taskName: string }>(
  'LOVAGE_NOT_IN_CHORD',
  'A task that is not a member of a chord wanted to add another one to it.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) is not a member of a chord, so there is nothing to add to. Send it in the header of a chord, or send the other task by itself.`,
);

export const WORKFLOW_STUCK = defineError<{ readonly groupId: string; readonly problem: string }>(
  'LOVAGE_WORKFLOW_STUCK',
  'A chord waited for parts that can not come any more, and was ended.',
  (d) => `the chord ${d.groupId} was ended: ${d.problem}.`,
);

export const TASK_IGNORED_IN_WORKFLOW = defineError<{ readonly taskId: string; readonly taskName: string }>(
  'LOVAGE_TASK_IGNORED_IN_WORKFLOW',
  'A task that others wait for ended with Ignore, so there is no value to go on with.',
  (d) =>
    `task ${d.taskName} (${d.taskId}) ended with Ignore, and what follows it needs its value. Return a value, or throw task.replace(...).`,
);

export const canvasErrors = [
  SIGNATURE_INVALID,
  SIGNATURE_UNBOUND,
  CHORD_ID_TAKEN,
  CHORD_FAILED,
  NOT_IN_CHORD,
  WORKFLOW_STUCK,
  TASK_IGNORED_IN_WORKFLOW,
];
