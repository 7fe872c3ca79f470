import type { Deadline } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';

const pauseAfterFailureMs = 200;

/**
 * Says the same to the server until it has answered.
 *
 * @param isOver looked at after each failure: whether nobody needs the answer any more
 * @returns nothing where it was over
 */
export async function insist<T>(
  store: RedisStore,
  isOver: () => boolean,
  call: (deadline: Deadline) => Promise<T>,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await call(store.backgroundDeadline());
    } catch (error) {
      if (isOver()) return undefined;
      store.warn(error);
      await new Promise<void>((resolve) => {
        store.clock.after(pauseAfterFailureMs, resolve);
      });
    }
  }
}
