import type { Redis } from 'ioredis';
import { type Clock, type Deadline, type DriverContext, DEADLINE_PASSED, STORE_DAMAGED } from '@lovage/core';
import type { RedisSettings } from './connection/redis-target.js';
import { RedisLink } from './connection/redis-link.js';
import { Subscriptions } from './connection/subscriptions.js';
import { checkServer } from './connection/check-server.js';
import { Keys } from './keys.js';
import { WarningFilter } from './warning-filter.js';
import type { LuaArgument, LuaScript } from './scripts/lua-script.js';

/**
 * One database as the ports of one driver see it: its keys, and the connection that they share for everything but consuming.
 * Opened by the first port, closed by the last.
 */
export class RedisStore {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Names this database; two ports that have it in common commit together. */
  readonly storeId: string;
  readonly subscriptions: Subscriptions;
  private link: RedisLink;
  /** Tells a cluster where our keys are. */
  private readonly key: string;
  private readonly warnings: WarningFilter;
  private users = 0;
  /** Those of them that still want it. */
  private readonly wanting = new Set<object>();
  private opening: Promise<void> | undefined;

  constructor(
    readonly settings: RedisSettings,
    context: DriverContext,
  ) {
    const { target } = settings;
    this.clock = context.clock;
    this.newId = context.newId;
    this.warnings = new WarningFilter(context.clock, (warning) => context.onWarning?.(warning));
    this.keys = new Keys(target.keyPrefix);
    this.key = `${target.keyPrefix}lovage`;
    this.storeId = `${target.address}#${target.keyPrefix}`;
    this.subscriptions = new Subscriptions(context.clock, (error) => this.warn(error));
    this.link = this.sharedLink();
  }

  get address(): string {
    return this.settings.target.address;
  }

  /** Tells something that nobody waits for, and that an operator may want to know; the same at most once a minute. */
  warn(warning: unknown): void {
    this.warnings.warn(warning);
  }

  warnForeign(key: string, found: string, expected: string): void {
    this.warn(STORE_DAMAGED.create({ address: this.address, key, found, expected }));
  }

  /** @param user for `leave` */
  async acquire(deadline: Deadline, user: object = {}): Promise<void> {
    this.users += 1;
    this.wanting.add(user);
    this.opening ??= this.open(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      this.release(user);
      throw error;
    }
  }

  /** A user does not want any more what he still waits for. When nobody does it is given up. */
  leave(user: object): void {
    if (this.wanting.delete(user) && this.wanting.size === 0) this.link.close();
  }

  release(user: object): void {
    this.users -= 1;
    this.wanting.delete(user);
    if (this.users > 0) return;
    this.link.close();
    // After a failure, or when all ports were closed, a port may be opened (again).
    this.link = this.sharedLink();
    this.opening = undefined;
    this.wanting.clear();
  }

  /** Drops every connection without a word, as the end of the process does. */
  destroy(): void {
    this.link.close();
  }

  /** Runs a script; strings in the answer. Safe to repeat, or made so by a token among its arguments. */
  async run(script: LuaScript, deadline: Deadline, args: readonly LuaArgument[]): Promise<unknown> {
    return await this.link.call(
      script.name,
      deadline,
      async (redis) => await script.run(redis, this.key, args),
    );
  }

  /** Runs a script; bytes in the answer. */
  async runBuffer(script: LuaScript, deadline: Deadline, args: readonly LuaArgument[]): Promise<unknown> {
    return await this.link.call(
      script.name,
      deadline,
      async (redis) => await script.runBuffer(redis, this.key, args),
    );
  }

  /** Does something with the connection; it may happen more than once. */
  async call<T>(operation: string, deadline: Deadline, issue: (redis: Redis) => Promise<T>): Promise<T> {
    return await this.link.call(operation, deadline, issue);
  }

  /** A connection of its own to the same database. */
  newLink(
    role: string,
    options: {
      readonly protocol?: 2 | 3;
      readonly prepare?: (redis: Redis) => Promise<void>;
      readonly onLost?: () => void;
      readonly probe?: (redis: Redis) => Promise<unknown>;
    } = {},
  ): RedisLink {
    return new RedisLink({ target: this.settings.target, clock: this.clock, role, ...options });
  }

  /** Runs a script on another connection. */
  async runOn(
    link: RedisLink,
    script: LuaScript,
    deadline: Deadline,
    args: readonly LuaArgument[],
  ): Promise<unknown> {
    return await link.call(script.name, deadline, async (redis) => await script.run(redis, this.key, args));
  }

  /** The same, with bytes in the answer. */
  async runBufferOn(
    link: RedisLink,
    script: LuaScript,
    deadline: Deadline,
    args: readonly LuaArgument[],
  ): Promise<unknown> {
    return await link.call(
      script.name,
      deadline,
      async (redis) => await script.runBuffer(redis, this.key, args),
    );
  }

  private sharedLink(): RedisLink {
    return this.newLink('store', {
      prepare: async (redis) => await this.subscriptions.attach(redis),
      onLost: () => this.subscriptions.detach(),
    });
  }

  private async open(deadline: Deadline): Promise<void> {
    if (deadline.passed) throw DEADLINE_PASSED.create({ operation: `open of ${this.address}`, afterMs: 0 });
    await this.link.open(deadline);
    const { link, settings, clock } = this;
    await checkServer({ link, settings, clock, deadline, warn: (warning) => this.warn(warning) });
  }
}
