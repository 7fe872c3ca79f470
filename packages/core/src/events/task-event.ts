import type { BeatEvent } from './beat-event.js';

/** What every event of a task carries. */
interface TaskEventBase {
  readonly taskId: string;
  readonly taskName: string;
  /** Name of the worker. */
  readonly hostname: string;
  /** Milliseconds since 1970 UTC. */
  readonly timestampMs: number;
}

/** What happened to a task in a worker; Celery's event names. Carries no arguments and no results. */
export type TaskEvent =
  | (TaskEventBase & {
      readonly type: 'task-received';
      readonly queue: string;
      readonly retries: number;
      readonly eta: Date | undefined;
    })
  | (TaskEventBase & { readonly type: 'task-started' })
  | (TaskEventBase & { readonly type: 'task-succeeded'; readonly runtimeMs: number })
  | (TaskEventBase & { readonly type: 'task-failed'; readonly error: unknown; readonly runtimeMs: number })
  | (TaskEventBase & { readonly type: 'task-retried'; readonly error: unknown; readonly notBeforeMs: number })
  | (TaskEventBase & { readonly type: 'task-rejected'; readonly requeue: boolean; readonly reason: string })
  | (TaskEventBase & { readonly type: 'task-ignored' })
  | (TaskEventBase & {
      readonly type: 'task-revoked';
      readonly expired: boolean;
      readonly terminated: boolean;
    });

/** What happened to a worker. */
export type WorkerEvent =
  | {
      readonly type: 'worker-online';
      readonly hostname: string;
      readonly queues: readonly string[];
      readonly concurrency: number;
    }
  | { readonly type: 'worker-drained'; readonly hostname: string; readonly report: DrainReport }
  | { readonly type: 'worker-offline'; readonly hostname: string }
  /** A message could not become a task and was parked; or a settlement was refused, or a store call failed. */
  | {
      readonly type: 'worker-problem';
      readonly hostname: string;
      readonly error: unknown;
      readonly taskId: string | undefined;
      readonly taskName: string | undefined;
    };

/** What became of the work in hand when a worker stopped. */
export interface DrainReport {
  /** Tasks that ended in time. */
  readonly finished: number;
  /** Deliveries that had not begun and went back to their queues. */
  readonly returned: number;
  /** Tasks that were cut at the deadline; their messages went back to their queues. */
  readonly abandoned: readonly { readonly taskId: string; readonly taskName: string }[];
}

export type LovageEvent =
  | TaskEvent
  | WorkerEvent
  | BeatEvent
  /** A store is set up so that work may be lost (LOVAGE_STORE_WARNING), or work in its background has failed. */
  | { readonly type: 'store-warning'; readonly error: Error };
