import type { Redis } from 'ioredis';
import type { Deadline } from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import type { RedisStore } from '../redis-store.js';

/** Where the server tells that a key has changed which a tracking connection has read. */
const channel = '__redis__:invalidate';

/**
 * Wakes consumers when something has changed in one of their queues, whoever changed it. The server remembers what a connection
 * has read, and tells once when it changes (client-side caching): any number of lists costs one connection, and nothing is
 * taken out of a list to find that there is something.
 *
 * A reader asks `arm`; from then on the first change calls its action, once. When the connection is lost everybody is woken.
 */
export class WakeListener {
  private readonly link: RedisLink;
  private readonly waiting = new Map<string, Set<() => void>>();
  /** The listening connection, as the server calls it. */
  private id: number | undefined;
  private reader: RedisLink | undefined;
  private refused = false;

  constructor(store: RedisStore) {
    this.link = store.newLink('wake', {
      protocol: 2,
      prepare: async (redis) => await this.listen(redis),
      onLost: () => this.wakeAll(),
    });
  }

  /** Whether the server does not let us: then consumers must look from time to time. */
  get unavailable(): boolean {
    return this.refused;
  }

  async open(deadline: Deadline): Promise<void> {
    await this.link.open(deadline);
  }

  /** Makes a connection one whose reads are remembered. Part of its preparation. */
  async track(redis: Redis): Promise<void> {
    if (this.id === undefined) return;
    try {
      await redis.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', this.id, 'OPTIN');
    } catch {
      this.refused = true;
    }
  }

  /** The connection that arms; it is told when the listening one has changed. */
  readFrom(reader: RedisLink): void {
    this.reader = reader;
  }

  /**
   * Reads keys so that the next change of any of them calls `action`.
   *
   * @returns whether one of them is there already
   */
  async arm(keys: readonly string[], action: () => void, deadline: Deadline): Promise<boolean> {
    for (const key of keys) {
      const present = this.waiting.get(key);
      if (present === undefined) this.waiting.set(key, new Set([action]));
      else present.add(action);
    }
    const { reader } = this;
    if (reader === undefined) return false;
    return await reader.call('arm', deadline, async (redis) => {
      // The two leave together, so nothing comes between them.
      if (!this.refused) redis.client('CACHING', 'YES').catch(() => undefined);
      return (await redis.exists(...keys)) > 0;
    });
  }

  /** Calls this action no more. */
  disarm(keys: readonly string[], action: () => void): void {
    for (const key of keys) {
      const present = this.waiting.get(key);
      if (present?.delete(action) === true && present.size === 0) this.waiting.delete(key);
    }
  }

  close(): void {
    this.link.close();
    this.waiting.clear();
  }

  private async listen(redis: Redis): Promise<void> {
    this.id = await redis.client('ID');
    redis.on('messageBuffer', (_channel: Buffer, keys: unknown) => this.changed(keys));
    await redis.subscribe(channel);
    const reader = this.reader?.current;
    if (reader !== undefined) {
      await reader.call('CLIENT', 'TRACKING', 'OFF').catch(() => undefined);
      await this.track(reader);
    }
    this.wakeAll();
  }

  private changed(keys: unknown): void {
    // No keys: the server has forgotten everything, such as after FLUSHALL.
    if (!Array.isArray(keys)) {
      this.wakeAll();
      return;
    }
    for (const key of keys as readonly Buffer[]) {
      const actions = this.waiting.get(key.toString());
      if (actions !== undefined) for (const action of actions) action();
    }
  }

  private wakeAll(): void {
    const actions = new Set([...this.waiting.values()].flatMap((some) => [...some]));
    for (const action of actions) action();
  }
}
