import { Deadline } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';

const callMs = 30_000;
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
  const { clock } = store;
  for (;;) {
    try {
      return await call(Deadline.in(clock, callMs));
    } catch (error) {
      store.warn(error);
      if (isOver()) return undefined;
      await new Promise<void>((resolve) => {
        clock.after(pauseAfterFailureMs, resolve);
      });
    }
  }
}
