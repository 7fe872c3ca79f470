import { NOT_IN_TASK } from '../errors/task-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { TaskContext } from '../task/task-context.js';

const never = new AbortController().signal;

/** The context of a task that is called like a function: nobody stores its states, and there is no message to send again. */
export function directContext(
  { task, kwargs }: SignatureJson,
  args: readonly unknown[],
  id: string,
): TaskContext {
  return {
    id,
    name: task,
    args,
    kwargs,
    retries: 0,
    attempts: [],
    deliveries: 1,
    redelivered: false,
    queue: '',
    rootId: id,
    parentId: undefined,
    group: undefined,
    eta: undefined,
    expires: undefined,
    headers: {},
    hostname: '',
    signal: never,
    updateState: async () => await Promise.resolve(),
    retry: () => refuse('task.retry()'),
    replace: () => refuse('task.replace()'),
    addToChord: () => refuse('task.addToChord()'),
  };
}

function refuse(operation: string): never {
  throw NOT_IN_TASK.create({ operation });
}
