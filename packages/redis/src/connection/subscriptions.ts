import type { Redis } from 'ioredis';
import type { Clock, Timer } from '@lovage/core';
import { failureKind } from './redis-failure.js';

/** Most channels of one command. */
const mostAtOnce = 1000;
/** So many channels that nobody listens to, or so long: a caller that waits for one result after the other says none each time. */
const mostLeft = 250;
const leftMs = 500;

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
  /** Channels that nobody listens to any more, while the server has not been told. */
  private readonly left = new Set<string>();
  private telling: Timer | undefined;

  /** @param onRefused told that the server does not let a new connection listen to something; it is used all the same */
  constructor(
    private readonly clock: Clock,
    private readonly onRefused: (error: unknown) => void = () => undefined,
  ) {}

  /** Brings a new connection into the present state. */
  async attach(redis: Redis): Promise<void> {
    redis.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      const name = channel.toString();
      for (const listener of this.listeners.get(name) ?? []) listener(payload, name);
    });
    // From here on `listen` reaches this connection by itself. It knows nothing of what was left before.
    this.redis = redis;
    this.left.clear();
    for (const some of inParts([...this.listeners.keys()])) {
      // Nobody may want a channel any more, while those before it are subscribed to.
      const wanted = some.filter((channel) => this.listeners.has(channel));
      if (wanted.length > 0) await this.subscribe(redis, wanted);
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
   * @param onRefused told, before such a command is answered, that the server does not let us listen
   */
  listen(channels: readonly string[], listener: ChannelListener, onRefused?: (error: unknown) => void): void {
    const fresh: string[] = [];
    for (const channel of channels) {
      const present = this.listeners.get(channel);
      if (present === undefined) {
        this.listeners.set(channel, new Set([listener]));
        if (!this.left.delete(channel)) fresh.push(channel);
      } else present.add(listener);
    }
    for (const some of inParts(fresh)) {
      this.redis?.subscribe(...some).catch((error: unknown) => {
        // A connection that is being made subscribes to all that stands in the table; one that fails is made anew.
        if (failureKind(error) === 'refused') onRefused?.(error);
      });
    }
  }

  /** Nothing more is told from now on; the server is told a little later. */
  unlisten(channels: readonly string[], listener: ChannelListener): void {
    for (const channel of channels) {
      const present = this.listeners.get(channel);
      if (present?.delete(listener) !== true || present.size > 0) continue;
      this.listeners.delete(channel);
      this.left.add(channel);
    }
    if (this.left.size > mostLeft) this.tellLeft();
    else if (this.left.size > 0) this.telling ??= this.clock.after(leftMs, () => this.tellLeft());
  }

  private tellLeft(): void {
    this.telling?.cancel();
    this.telling = undefined;
    const left = [...this.left];
    this.left.clear();
    for (const some of inParts(left)) this.redis?.unsubscribe(...some).catch(() => undefined);
  }

  /** Called when messages may have been missed: the connection was lost and there is a new one. Gives the function that ends it. */
  onGap(action: () => void): () => void {
    this.gaps.add(action);
    return () => this.gaps.delete(action);
  }

  /** One channel that is refused must not keep the others away, nor the connection from everything else. */
  private async subscribe(redis: Redis, channels: readonly string[]): Promise<void> {
    try {
      await redis.subscribe(...channels);
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
      if (channels.length === 1) this.onRefused(error);
      else for (const channel of channels) await this.subscribe(redis, [channel]);
    }
  }
}

function* inParts(channels: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < channels.length; from += mostAtOnce)
    yield channels.slice(from, from + mostAtOnce);
}
