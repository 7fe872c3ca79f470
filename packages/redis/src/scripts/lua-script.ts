import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isScriptMissing } from '../connection/redis-failure.js';

/** An argument of a script: text, a number, or bytes. */
export type LuaArgument = string | number | Buffer;

/**
 * A script that the server runs in one step. Sent once, called by its digest from then on.
 *
 * Keys are made from the prefix inside the script: they share one hash tag on a cluster, and naming each of the hundreds of
 * keys of a batch would cost more than the work on them. `KEYS[1]` is the prefix with a word behind it, which tells a cluster the slot.
 */
export class LuaScript {
  readonly sha: string;
  readonly text: string;

  /** @param allowOom whether it goes on when the server has no memory left: what gives memory back, or keeps a lease, must */
  constructor(
    readonly name: string,
    lua: string,
    { allowOom = false }: { readonly allowOom?: boolean } = {},
  ) {
    this.text = `#!lua${allowOom ? ' flags=allow-oom' : ''}\n-- lovage ${name}\n${lua}`;
    // Redis wants SHA-1 here.
    this.sha = createHash('sha1').update(this.text).digest('hex');
  }

  /** Runs it, once more with its text where the server does not know it. */
  async run(redis: Redis, key: string, args: readonly LuaArgument[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.sha, 1, key, ...args);
    } catch (error) {
      if (!isScriptMissing(error)) throw error;
      return await redis.eval(this.text, 1, key, ...args);
    }
  }

  /** The same, with bytes in the answer as Buffers. */
  async runBuffer(redis: Redis, key: string, args: readonly LuaArgument[]): Promise<unknown> {
    try {
      return await redis.callBuffer('EVALSHA', this.sha, 1, key, ...args);
    } catch (error) {
      if (!isScriptMissing(error)) throw error;
      return await redis.callBuffer('EVAL', this.text, 1, key, ...args);
    }
  }
}
