import type { AttemptRecord, ResultRecord } from '../message/result-record.js';
import { errorFromJson, type RemoteError } from '../message/remote-error.js';
import { TaskState } from '../message/task-state.js';
import { isOver } from '../message/is-over.js';

/** What is known of a task at one moment. Plain data, apart from `error`. */
export interface TaskSnapshot {
  readonly id: string;
  /** PENDING where nothing is stored. */
  readonly state: string;
  /** False: the id was never sent, or its result has expired. Always true where sent ids are not tracked. */
  readonly known: boolean;
  /** It will not change any more: SUCCESS, FAILURE, REVOKED, REJECTED or IGNORED. */
  readonly ready: boolean;
  /** Of SUCCESS. */
  readonly result?: unknown;
  /** Of FAILURE, REVOKED, REJECTED and RETRY. */
  readonly error?: RemoteError | undefined;
  /** What `updateState` was given: the meta of a state of the task's own. */
  readonly progress?: unknown;
  readonly dateDone?: Date | undefined;
  /** Of a task that was retried: its runs, of many the first and the last ones. */
  readonly attempts?: readonly AttemptRecord[] | undefined;
}

/** @param known what to say where nothing is stored */
export function snapshotOf(taskId: string, record: ResultRecord | undefined, known: boolean): TaskSnapshot {
  if (record === undefined) return { id: taskId, state: TaskState.PENDING, known, ready: false };
  const common = {
    id: taskId,
    state: record.state,
    known: true,
    ready: isOver(record.state),
    dateDone: record.dateDone,
    ...(record.attempts === undefined ? undefined : { attempts: record.attempts }),
  };
  switch (record.state) {
    case TaskState.SUCCESS:
      return { ...common, result: record.result };
    case TaskState.FAILURE:
    case TaskState.REVOKED:
    case TaskState.REJECTED:
    case TaskState.RETRY:
      return { ...common, error: errorFromJson(record.result, record.traceback) };
    case TaskState.PENDING:
    case TaskState.RECEIVED:
    case TaskState.STARTED:
    case TaskState.IGNORED:
      return common;
    default:
      return { ...common, progress: record.result };
  }
}
