import { maybeCurrentTask } from '@lovage/core';
import { oneLine } from './one-line.js';

/** `[task name task id]` of the task that runs here; `undefined` outside of one. */
export function taskLabel(): string | undefined {
  const task = maybeCurrentTask();
  return task === undefined ? undefined : oneLine(`[${task.name} ${task.id}]`);
}
