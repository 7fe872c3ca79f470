import type { Redis } from 'ioredis';
import { Deadline, type DriverContext, DriverStore, STORE_DAMAGED } from '@lovage/core';
import type { RedisSettings } from './connection/redis-target.js';
import { RedisLink } from './connection/redis-link.js';
import { Subscriptions } from './connection/subscriptions.js';
import { checkServer } from './connection/check-server.js';
import { Keys } from './keys.js';
import type { LuaArgument, LuaScript } from './scripts/lua-script.js';

const backgroundMs = 30_000;

/**
 * One database as the ports of one driver see it: its keys, and the connection that they share for everything but consuming.
 */
export class RedisStore extends DriverStore {
  readonly keys: Keys;
  /** Names this database; two ports that have it in common commit together. */
  readonly storeId: string;
  readonly subscriptions: Subscriptions;
  private link: RedisLink;
  /** Tells a cluster where our keys are. */
  private readonly key: string;

  constructor(
    readonly settings: RedisSettings,
    context: DriverContext,
  ) {
    super(context);
    const { target } = settings;
    this.keys = new Keys(target.keyPrefix);
    this.key = `${target.keyPrefix}lovage`;
    this.storeId = `${target.address}#${target.keyPrefix}`;
    this.subscriptions = new Subscriptions(context.clock, (error) => this.warn(error));
    this.link = this.sharedLink();
  }

  override get address(): string {
    return this.settings.target.address;
  }

  /** For a call that nobody has asked for, so that nobody has bounded it. */
  backgroundDeadline(): Deadline {
    return Deadline.in(this.clock, backgroundMs);
  }

  warnForeign(key: string, found: string, expected: string): void {
    this.warn(STORE_DAMAGED.create({ address: this.address, key, found, expected }));
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
    const { outage, clock } = this;
    return new RedisLink({ target: this.settings.target, outage, clock, role, ...options });
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

  protected override async begin(deadline: Deadline): Promise<void> {
    await this.link.open(deadline);
    const { link, settings, clock } = this;
    await checkServer({ link, settings, clock, deadline, warn: (warning) => this.warn(warning) });
  }

  protected override giveUp(): void {
    this.link.close();
  }

  protected override async end(): Promise<void> {
    const { link } = this;
    this.link = this.sharedLink();
    link.close();
  }

  private sharedLink(): RedisLink {
    return this.newLink('store', {
      prepare: async (redis) => await this.subscriptions.attach(redis),
      onLost: () => this.subscriptions.detach(),
    });
  }
}
