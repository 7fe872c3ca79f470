import type { Deadline } from '@lovage/core';
import { shownParked } from '../inspector/shown-message.js';
import type { RedisStore } from '../redis-store.js';

/** Records that are read with one call. */
const recordsPerCall = 100;

/** The record of a parked message of a task, as it stands in the store; looks through all that are parked, the newest first. */
export async function findParked(
  store: RedisStore,
  queue: string,
  taskId: string,
  deadline: Deadline,
): Promise<Buffer | undefined> {
  for (let from = 0; ; from += recordsPerCall) {
    const records = await store.call('ZREVRANGE', deadline, async (redis) =>
      redis.zrevrangeBuffer(store.keys.parked(queue), from, from + recordsPerCall - 1),
    );
    const found = records.find((record) => shownParked(queue, record).message.headers['id'] === taskId);
    if (found !== undefined || records.length < recordsPerCall) return found;
  }
}
