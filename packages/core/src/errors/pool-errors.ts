import { defineError } from './define-error.js';

export const WORKER_LOST = defineError<{
  readonly taskId: string;
  readonly taskName: string;
  readonly child: string;
  readonly how: string;
}>(
  'LOVAGE_WORKER_LOST',
  'The child of a pool that ran a task has ended before it (Celery: WorkerLostError).',
  (d) => `task ${d.taskName} (${d.taskId}): the child that ran it (${d.child}) is gone: ${d.how}.`,
);

export const POOL_CHILD_LOST = defineError<{ readonly child: string; readonly how: string }>(
  'LOVAGE_POOL_CHILD_LOST',
  'An idle child of a pool has ended by itself, or hung and was killed. It is replaced; told, not thrown.',
  (d) => `${d.child} of the pool is gone, with no task in hand: ${d.how}. It is replaced.`,
);

export const POOL_CHILD_UNFIT = defineError<{
  readonly pool: string;
  readonly entry: string;
  readonly problem: string;
}>(
  'LOVAGE_POOL_CHILD_UNFIT',
  'A child of a pool can not make the application. Thrown at the start of a worker; later told once, while it is tried again.',
  (d) =>
    `a child of the pool "${d.pool}" can not make the application from ${d.entry}: ${d.problem}. Check the worker option "entry".`,
);

export const ENTRY_INVALID = defineError<{
  readonly module: string;
  readonly export: string;
  readonly problem: string;
}>(
  'LOVAGE_POOL_ENTRY_INVALID',
  'The module that a pool was given as its entry has no export that makes the application.',
  (d) => `the export "${d.export}" of ${d.module} ${d.problem}. It must be a function that gives a TaskApp.`,
);

export const poolErrors = [WORKER_LOST, POOL_CHILD_LOST, POOL_CHILD_UNFIT, ENTRY_INVALID];
