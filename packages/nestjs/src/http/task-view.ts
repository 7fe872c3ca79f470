import type { TaskSnapshot } from '@lovage/core';
import { plainJson } from './plain-json.js';

/** The error of a task as the endpoints show it. */
export interface TaskErrorView {
  /** Name of its class, such as `TypeError`. */
  readonly type: string;
  readonly message: string;
  /** Code that the error had, such as `LOVAGE_ARGUMENTS_INVALID` or `ECONNREFUSED`. */
  readonly code?: string;
  readonly traceback?: string;
}

/** A task as the endpoints show it; plain JSON. */
export interface TaskView {
  readonly id: string;
  readonly state: string;
  /** It will not change any more. */
  readonly ready: boolean;
  /** Of SUCCESS. */
  readonly result?: unknown;
  /** Of FAILURE, REVOKED and RETRY. */
  readonly error?: TaskErrorView;
  /** What the task gave to `updateState` with a state of its own. */
  readonly progress?: unknown;
  /** Time of the end, ISO 8601. */
  readonly dateDone?: string;
}

/**
 * Makes what the endpoints show.
 *
 * @param showTraceback whether the stack trace of an error is told
 */
export function taskView(snapshot: TaskSnapshot, showTraceback: boolean): TaskView {
  const { id, state, ready, result, error, progress, dateDone } = snapshot;
  return {
    id,
    state,
    ready,
    ...(state === 'SUCCESS' ? { result: plainJson(result ?? null) } : {}),
    ...(error === undefined ? {} : { error: errorView(error, showTraceback) }),
    ...(progress === undefined ? {} : { progress: plainJson(progress) }),
    ...(dateDone === undefined ? {} : { dateDone: dateDone.toISOString() }),
  };
}

function errorView(
  { type, message, remoteCode, remoteStack }: NonNullable<TaskSnapshot['error']>,
  showTraceback: boolean,
): TaskErrorView {
  return {
    type,
    message,
    ...(remoteCode === undefined ? {} : { code: remoteCode }),
    ...(showTraceback && remoteStack !== undefined ? { traceback: remoteStack } : {}),
  };
}
