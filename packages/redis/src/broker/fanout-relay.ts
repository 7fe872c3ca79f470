import type { Redis } from 'ioredis';
import { type Deadline, isLovageError, STORE_REFUSED, STORE_WARNING, type Timer } from '@lovage/core';
import { failureKind } from '../connection/redis-failure.js';
import type { RedisLink } from '../connection/redis-link.js';
import type { RedisStore } from '../redis-store.js';
import { fanoutsScript, hearScript } from '../scripts/fanout.js';
import { type HeardMessage, readHeard } from './heard-message.js';

/** How soon an exchange is found that another process has declared or bound. */
const refreshMs = 30_000;
const mostPerCall = 100;
/** What waits to be put into queues, at most; the rest is lost, as it would be where nobody listens. */
const mostWaiting = 10_000;
const mostWaitingCharacters = 64 * 1024 * 1024;

/** Pattern of the channels with a routing key, which stands behind the name; a fanout exchange takes all of them. */
const keyedPattern = (channel: string): string => `${channel.replaceAll(/[\\*?[\]]/g, '\\$&')}/*`;

/**
 * Hears what Python publishes to fanout exchanges, which kombu stores nowhere, and puts it into Lovage's queues. Every process
 * that consumes a bound queue listens; the script lets only one of them write. Has a connection of its own, made when there is
 * such an exchange.
 *
 * As with kombu, what is published while nobody listens is lost.
 */
export class FanoutRelay {
  private readonly link: RedisLink;
  private readonly queues = new Set<string>();
  private readonly exchanges = new Set<string>();
  private waiting: HeardMessage[] = [];
  private waitingCharacters = 0;
  private relaying: Promise<void> | undefined;
  private timer: Timer | undefined;
  private closed = false;

  constructor(private readonly store: RedisStore) {
    this.link = store.newLink('fanout', {
      protocol: 2,
      prepare: async (redis) => {
        redis.on('messageBuffer', (channel: Buffer, payload: Buffer) => this.hear(channel, payload));
        redis.on('pmessageBuffer', (_pattern: unknown, channel: Buffer, payload: Buffer) =>
          this.hear(channel, payload),
        );
        // One that refuses must not be asked again and again: it is told, and left alone until the next look.
        await this.subscribe(redis, this.exchanges).catch((error: unknown) => {
          if (failureKind(error) !== 'refused') throw error;
        });
      },
    });
  }

  /**
   * From when this resolves on, what is published for these queues reaches them.
   *
   * @throws LOVAGE_STORE_UNREACHABLE
   */
  async follow(queues: readonly string[], deadline: Deadline): Promise<void> {
    for (const queue of queues) this.queues.add(queue);
    await this.refresh(deadline);
    this.refreshLater();
  }

  /** Nobody here consumes these queues any more: a channel that leads nowhere else is not listened to any more. */
  async leave(queues: readonly string[], deadline: Deadline): Promise<void> {
    const { store, exchanges } = this;
    for (const queue of queues) this.queues.delete(queue);
    if (exchanges.size === 0 || this.closed) return;
    const args = [this.queues.size, ...this.queues];
    const wanted = new Set((await store.run(fanoutsScript, deadline, args)) as readonly string[]);
    const useless = [...exchanges].filter((name) => !wanted.has(name));
    if (useless.length === 0) return;
    for (const name of useless) exchanges.delete(name);
    const channels = this.channelsOf(useless);
    await this.link.call('stop listening', deadline, async (redis) => {
      await redis.punsubscribe(...channels.map(keyedPattern));
      await redis.unsubscribe(...channels);
    });
  }

  /** Looks which exchanges lead to the queues by now. */
  async refresh(deadline: Deadline): Promise<void> {
    const { queues, store, exchanges } = this;
    if (queues.size === 0 || this.closed) return;
    const names = (await store.run(fanoutsScript, deadline, [queues.size, ...queues])) as readonly string[];
    const fresh = names.filter((name) => !exchanges.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh) exchanges.add(name);
    try {
      await this.link.call('listen', deadline, async (redis) => await this.subscribe(redis, fresh));
    } catch (error) {
      for (const name of fresh) exchanges.delete(name);
      // Everything else works without it.
      if (!isLovageError(error, STORE_REFUSED.code)) throw error;
      store.warn(error);
    }
  }

  /** Ends listening; what was heard still reaches its queues. Twice is legal. */
  async close(deadline: Deadline): Promise<void> {
    this.destroy();
    if (this.relaying !== undefined) await deadline.within(this.relaying);
  }

  /** Ends listening at once. */
  destroy(): void {
    this.closed = true;
    this.timer?.cancel();
    this.link.close();
  }

  private refreshLater(): void {
    if (this.closed) return;
    this.timer?.cancel();
    this.timer = this.store.clock.after(refreshMs, () => {
      this.refresh(this.store.backgroundDeadline())
        .catch((error: unknown) => this.store.warn(error))
        .finally(() => this.refreshLater());
    });
  }

  private async subscribe(redis: Redis, exchanges: Iterable<string>): Promise<void> {
    const channels = this.channelsOf(exchanges);
    if (channels.length === 0) return;
    await redis.psubscribe(...channels.map(keyedPattern));
    await redis.subscribe(...channels);
  }

  private channelsOf(exchanges: Iterable<string>): readonly string[] {
    const { keys, settings } = this.store;
    return [...exchanges].map((name) => keys.fanoutChannel(settings.target.options.db ?? 0, name, ''));
  }

  private hear(channel: Buffer, payload: Buffer): void {
    const heard = readHeard(payload.toString());
    if (heard === 'stored') return;
    if ('problem' in heard) {
      this.store.warnForeign(channel.toString(), `a message (${heard.problem})`, 'messages of Celery');
      return;
    }
    if (!this.exchanges.has(heard.exchange)) return;
    this.waitingCharacters += payload.length;
    if (this.waiting.length >= mostWaiting || this.waitingCharacters > mostWaitingCharacters) {
      this.waitingCharacters -= payload.length;
      this.warnOverflow(heard.exchange);
      return;
    }
    this.waiting.push(heard);
    this.relaying ??= this.relay().finally(() => {
      this.relaying = undefined;
    });
  }

  private async relay(): Promise<void> {
    const { store } = this;
    while (this.waiting.length > 0) {
      const part = this.waiting.splice(0, mostPerCall);
      if (this.waiting.length === 0) this.waitingCharacters = 0;
      const args: (string | number)[] = [part.length];
      for (const { exchange, tag, step, before, behind } of part) {
        args.push(exchange, tag, step, before, behind);
      }
      try {
        const deadline = store.backgroundDeadline();
        const problems = (await store.run(hearScript, deadline, args)) as readonly string[];
        for (const key of problems) store.warnForeign(key, 'something else', 'messages or bindings');
      } catch (error) {
        // Kombu stores nothing either: there is nobody to give it back to.
        store.warn(error);
      }
    }
  }

  private warnOverflow(exchange: string): void {
    const { store } = this;
    store.warn(
      STORE_WARNING.create({
        address: store.address,
        found: `messages of the fanout exchange "${exchange}" come faster than they can be put into their queues, and are lost`,
        advice: 'Publish fewer of them, or publish them from Lovage, which puts them into the queues itself.',
      }),
    );
  }
}
