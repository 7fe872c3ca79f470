import { maybeCurrentTask } from '@lovage/core';

/** `[task name task id]` of the task that runs here; `undefined` outside of one. */
export function taskLabel(): string | undefined {
  const task = maybeCurrentTask();
  return task === undefined ? undefined : `[${task.name} ${task.id}]`;
}
