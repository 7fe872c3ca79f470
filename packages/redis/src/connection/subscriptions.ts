import type { Redis } from 'ioredis';

/** Told the messages of a channel, with its name. Must not throw and must not wait. */
export type ChannelListener = (payload: Buffer, channel: string) => void;

/**
 * Who in this process listens to which channel, on one connection. Survives the connection: a new one is subscribed to
 * everything before it is used, and listeners that must not miss anything are told that there was a gap.
 */
export class Subscriptions {
  private readonly listeners = new Map<string, Set<ChannelListener>>();
  private readonly gaps = new Set<() => void>();
  private redis: Redis | undefined;
  private attachedBefore = false;

  /** Brings a new connection into the present state. */
  async attach(redis: Redis): Promise<void> {
    redis.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      const name = channel.toString();
      for (const listener of this.listeners.get(name) ?? []) listener(payload, name);
    });
    // From here on `listen` reaches this connection by itself.
    this.redis = redis;
    const channels = [...this.listeners.keys()];
    for (let from = 0; from < channels.length; from += 1000) {
      await redis.subscribe(...channels.slice(from, from + 1000));
    }
    if (this.attachedBefore) for (const gap of this.gaps) gap();
    this.attachedBefore = true;
  }

  detach(): void {
    this.redis = undefined;
  }

  /**
   * Begins to listen. Commands that are sent on the same connection after this call are answered after the subscription
   * has begun.
   *
   * @returns those channels that nobody listened to before
   */
  listen(channels: readonly string[], listener: ChannelListener): void {
    const fresh: string[] = [];
    for (const channel of channels) {
      const present = this.listeners.get(channel);
      if (present === undefined) {
        this.listeners.set(channel, new Set([listener]));
        fresh.push(channel);
      } else present.add(listener);
    }
    // A connection that is being made subscribes to all that stands in the table; one that fails is made anew.
    if (fresh.length > 0) this.redis?.subscribe(...fresh).catch(() => undefined);
  }

  unlisten(channels: readonly string[], listener: ChannelListener): void {
    const left: string[] = [];
    for (const channel of channels) {
      const present = this.listeners.get(channel);
      if (present?.delete(listener) === true && present.size === 0) {
        this.listeners.delete(channel);
        left.push(channel);
      }
    }
    if (left.length > 0) this.redis?.unsubscribe(...left).catch(() => undefined);
  }

  /** Called when messages may have been missed: the connection was lost and there is a new one. Gives the function that ends it. */
  onGap(action: () => void): () => void {
    this.gaps.add(action);
    return () => this.gaps.delete(action);
  }
}
