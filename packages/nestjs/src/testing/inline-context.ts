import { randomUUID } from 'node:crypto';
import {
  MAX_RETRIES_EXCEEDED,
  NOT_IN_CHORD,
  Replace,
  Retry,
  type RetryOptions,
  type TaskContext,
  durationMs,
} from '@lovage/core';

/** What a test says about the context of an inline run; the rest has plain values. */
export type InlineContextOptions = Partial<Omit<TaskContext, 'args' | 'retry'>> & {
  /** Default 3, as for a task without the option. */
  readonly maxRetries?: number | null;
};

/** The context of a task that runs in a test, without a message: states that it writes go nowhere, unless `updateState` is given. */
export function inlineContext(
  name: string,
  args: readonly unknown[],
  options: InlineContextOptions = {},
): TaskContext {
  const { maxRetries = 3, ...given } = options;
  const id = given.id ?? randomUUID();
  const retries = given.retries ?? 0;
  return {
    id,
    name,
    args,
    kwargs: {},
    retries,
    attempts: [],
    deliveries: 1,
    redelivered: false,
    queue: 'inline',
    rootId: id,
    parentId: undefined,
    group: undefined,
    eta: undefined,
    expires: undefined,
    headers: {},
    hostname: 'inline',
    signal: new AbortController().signal,
    updateState: async () => await Promise.resolve(),
    retry: ({ error, countdown = 180, eta, args: nextArgs, kwargs, priority }: RetryOptions = {}) => {
      if (maxRetries !== null && retries >= maxRetries) {
        // reason: the error is the test's own; it is thrown as it is, as a worker does.
        // oxlint-disable-next-line only-throw-error
        throw error ?? MAX_RETRIES_EXCEEDED.create({ taskName: name, taskId: id, maxRetries });
      }
      return new Retry(error, eta?.getTime() ?? Date.now() + durationMs(countdown, 'countdown'), {
        args: nextArgs,
        kwargs,
        priority,
      });
    },
    addToChord: () => {
      throw NOT_IN_CHORD.create({ taskId: id, taskName: name });
    },
    replace: (signature) => new Replace(signature.toJSON()),
    ...given,
  };
}
