import { type Deadline, isLovageError } from '@lovage/core';
import { problemOfName, separator } from '../keys.js';
import type { RedisStore } from '../redis-store.js';

/** Steps of SCAN, and keys looked at in each: the rest waits for the next call. */
const stepsPerCall = 10;
const keysPerStep = 1000;
/** Bindings of one exchange that are looked at. */
const bindingsPerExchange = 1000;

/** Exchanges and queues of remote control and events, Celery's and ours: they hold no tasks. */
export const noTasks = /(^|\.)(celery\.pidbox|reply\.celery\.pidbox)$|^celeryev(\.|$)|\.pidbox$/;

/**
 * Queues that Python programs have declared. Nothing lists them but the names of the keys with their bindings, so the names of all
 * keys are looked through, a bounded part with each call. A small database is read at once, a large one in the course of
 * several calls.
 */
export class PythonQueues {
  private cursor = '0';
  private refused = false;
  private complete: ReadonlySet<string> = new Set();
  private underway = new Set<string>();

  constructor(private readonly store: RedisStore) {}

  /** Those that are known by now. */
  async find(deadline: Deadline): Promise<ReadonlySet<string>> {
    try {
      for (let step = 0; step < stepsPerCall && !this.refused; step += 1) {
        await this.step(deadline);
        if (this.cursor === '0') break;
      }
    } catch (error) {
      // A user without SCAN sees the queues of Lovage.
      if (!isLovageError(error, 'LOVAGE_STORE_REFUSED')) throw error;
      this.refused = true;
    }
    return new Set([...this.complete, ...this.underway]);
  }

  private async step(deadline: Deadline): Promise<void> {
    const stem = this.store.keys.bindings('');
    const pattern = `${stem.replaceAll(/[\\*?[\]^-]/g, '\\$&')}*`;
    const [cursor, keys] = await this.store.call('SCAN', deadline, async (redis) =>
      redis.scan(this.cursor, 'MATCH', pattern, 'COUNT', keysPerStep, 'TYPE', 'set'),
    );
    for (const key of keys) {
      if (noTasks.test(key.slice(stem.length))) continue;
      const [, members] = await this.store.call('SSCAN', deadline, async (redis) =>
        redis.sscan(key, 0, 'COUNT', bindingsPerExchange),
      );
      for (const member of members) {
        const queue = member.split(separator)[2] ?? '';
        if (problemOfName(queue) === undefined && !noTasks.test(queue)) this.underway.add(queue);
      }
    }
    this.cursor = cursor;
    if (cursor !== '0') return;
    this.complete = this.underway;
    this.underway = new Set();
  }
}
