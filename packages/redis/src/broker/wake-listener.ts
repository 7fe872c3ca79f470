import type { Redis } from 'ioredis';
import type { Deadline } from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import { failureKind, isScriptMissing } from '../connection/redis-failure.js';
import type { RedisStore } from '../redis-store.js';
import { armScript } from '../scripts/arm.js';

/** Where the server tells that a key has changed which a tracking connection has read. */
const channel = '__redis__:invalidate';

/** What a consumer waits for. */
export interface Watched {
  readonly lists: readonly string[];
  /** Keys that change when another delayed message is the next one. */
  readonly heads: readonly string[];
}

/** What was found when the waiting began. */
export interface Armed {
  /** Whether something is in one of the lists already. */
  readonly present: boolean;
  /** The text of all heads. */
  readonly heads: string;
}

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
      // It listens only, and nobody notices when there is nothing more to hear.
      probe: async (redis) => await redis.subscribe(channel),
      onLost: () => {
        // After a restart of the server its number may be that of another.
        this.id = undefined;
        this.wakeAll();
      },
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
    // The listening connection is being made: it does this then.
    if (this.id === undefined) return;
    try {
      await redis.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', this.id, 'OPTIN');
      this.refused = false;
    } catch (error) {
      // Not for ever: the listening connection may have ended meanwhile, and there will be another.
      if (failureKind(error) === 'refused') this.refused = true;
    }
  }

  /** The connection that arms; it is told when the listening one has changed. */
  readFrom(reader: RedisLink): void {
    this.reader = reader;
  }

  /** Reads keys so that the next change of any of them calls `action`. */
  async arm({ lists, heads }: Watched, action: () => void, deadline: Deadline): Promise<Armed> {
    const keys = [...lists, ...heads];
    for (const key of keys) {
      const present = this.waiting.get(key);
      if (present === undefined) this.waiting.set(key, new Set([action]));
      else present.add(action);
    }
    const { reader } = this;
    if (reader === undefined) return { present: false, heads: '' };
    const answer = await reader.call('arm', deadline, async (redis) => {
      // The two leave together, so nothing comes between them.
      const remembering = (): void => {
        if (!this.refused) redis.client('CACHING', 'YES').catch(() => undefined);
      };
      remembering();
      const args = [keys.length, ...keys, lists.length] as const;
      try {
        return await redis.evalsha(armScript.sha, ...args);
      } catch (error) {
        if (!isScriptMissing(error)) throw error;
        remembering();
        return await redis.eval(armScript.text, ...args);
      }
    });
    const [found, ...texts] = answer as readonly [number, ...string[]];
    return { present: found === 1, heads: texts.join(' ') };
  }

  /** Everybody looks again: what the server remembered for a connection that is gone is forgotten. */
  wakeAll(): void {
    const actions = new Set([...this.waiting.values()].flatMap((some) => [...some]));
    for (const action of actions) action();
  }

  /** Calls this action no more. */
  disarm({ lists, heads }: Watched, action: () => void): void {
    for (const key of [...lists, ...heads]) {
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
}
