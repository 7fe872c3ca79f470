import { AsyncLocalStorage } from 'node:async_hooks';
import { NOT_IN_TASK } from '../errors/task-errors.js';
import type { TaskContext } from './task-context.js';

/**
 * Sent tasks that are kept of one run: it may send any number, and so may timers that it has left behind; neither its result
 * nor the memory must suffer from them.
 */
export const mostChildren = 1000;

/** What a worker keeps of a run for everything below it. */
export interface RunningTask {
  readonly context: TaskContext;
  /** Ids of the tasks that this run has sent, the first 1,000 of them, in order; the worker stores them with the result. */
  readonly children: string[];
}

const storage = new AsyncLocalStorage<RunningTask>();

/** Runs `action` so that `currentTask()` finds the run anywhere below it. */
export function runInTask<T>(running: RunningTask, action: () => T): T {
  return storage.run(running, action);
}

/** The run that goes on here, or `undefined` outside of a task. */
export function runningTask(): RunningTask | undefined {
  return storage.getStore();
}

/** The context of the task that runs here, or `undefined` outside of one. */
export function maybeCurrentTask(): TaskContext | undefined {
  return storage.getStore()?.context;
}

/**
 * The context of the task that runs here.
 *
 * @throws LOVAGE_NOT_IN_TASK outside of a task
 */
export function currentTask(): TaskContext {
  const running = storage.getStore();
  if (running === undefined) throw NOT_IN_TASK.create({ operation: 'currentTask()' });
  return running.context;
}
