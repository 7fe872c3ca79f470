import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Deadline } from '@lovage/core';
import { UnsettledTags } from './unsettled-tags.js';

export interface ConsumerChannelEvents {
  readonly onMessage: (queue: string, message: ConsumeMessage, channel: ConsumerChannel) => void;
  /** The server has ended the subscription to one queue: it was deleted. */
  readonly onCancelled: (queue: string, channel: ConsumerChannel) => void;
  /** The channel has ended, and everything on it is lost. */
  readonly onClosed: (channel: ConsumerChannel, reason: Error | undefined) => void;
}

/** Most that the protocol has room for; more is no limit. */
const mostPrefetch = 65_535;

/**
 * One channel of a consumer, from its opening to its end; after that there is another one. Where all queues are classic its prefetch
 * counts all of them together, and may be changed at any time. Quorum queues know only a prefetch for each subscription, which
 * stays as it was when it began.
 */
export class ConsumerChannel {
  readonly tags = new UnsettledTags();
  /** Queue → subscription. */
  private readonly subscriptions = new Map<string, string>();
  private readonly cancelled = new Set<string>();
  private prefetch = 0;
  private ended = false;
  private thisSync: Promise<boolean> | undefined;
  private nextSync: Promise<boolean> | undefined;
  private failure: Error | undefined;

  private constructor(
    private readonly channel: Channel,
    /** Whether the prefetch counts all subscriptions together. */
    readonly together: boolean,
    private readonly events: ConsumerChannelEvents,
  ) {}

  static async open(
    connection: ChannelModel,
    together: boolean,
    events: ConsumerChannelEvents,
  ): Promise<ConsumerChannel> {
    const channel = await connection.createChannel();
    const opened = new ConsumerChannel(channel, together, events);
    channel.on('error', (error) => {
      opened.failure = error;
    });
    channel.on('close', () => opened.end());
    return opened;
  }

  get alive(): boolean {
    return !this.ended;
  }

  /** Queues from which messages may come. */
  consumes(queue: string): boolean {
    return this.subscriptions.has(queue);
  }

  /** Whether nothing needs to be done for a prefetch to hold. */
  keeps(prefetch: number): boolean {
    return this.prefetch === Math.min(prefetch, mostPrefetch);
  }

  /** Where the prefetch counts subscriptions apart, they must be ended first. */
  async setPrefetch(prefetch: number): Promise<void> {
    const count = Math.min(prefetch, mostPrefetch);
    // Before it is answered: `synced` says the prefetch once more, and must not say the old one behind it.
    this.prefetch = count;
    await this.channel.prefetch(count, this.together);
  }

  async consume(queue: string): Promise<void> {
    let tag: string | undefined;
    const onMessage = (message: ConsumeMessage | null): void => {
      if (message === null) {
        this.cancelled.add(queue);
        this.subscriptions.delete(queue);
        this.events.onCancelled(queue, this);
      } else {
        this.tags.delivered(message.fields.deliveryTag);
        this.events.onMessage(queue, message, this);
      }
    };
    this.cancelled.delete(queue);
    ({ consumerTag: tag } = await this.channel.consume(queue, onMessage));
    // It may have been deleted since.
    if (!this.cancelled.has(queue)) this.subscriptions.set(queue, tag);
  }

  /** Ends all subscriptions; when it resolves nothing is on its way any more. What was delivered stays. */
  async cancelAll(): Promise<void> {
    for (const [queue, tag] of this.subscriptions) {
      await this.channel.cancel(tag);
      this.subscriptions.delete(queue);
    }
  }

  /** Acknowledges what was gathered in `tags`. */
  flush(): void {
    const { upTo, singles } = this.tags.take();
    if (this.ended) return;
    if (upTo !== undefined) this.channel.ack(handleOf(upTo), true);
    for (const tag of singles) this.channel.ack(handleOf(tag));
  }

  /** Back to its queue, where it was. */
  giveBack(tag: number): void {
    this.tags.remove(tag);
    if (!this.ended) this.channel.nack(handleOf(tag), false, true);
  }

  /** Resolves with true when the server has done everything that was sent on this channel before; with false, if the channel has ended. */
  async synced(): Promise<boolean> {
    // One question on its way and one that waits are enough for everybody.
    this.nextSync ??= this.afterThis();
    return await this.nextSync;
  }

  private async afterThis(): Promise<boolean> {
    await this.thisSync;
    this.nextSync = undefined;
    if (this.ended) return false;
    // Anything that has an answer would do.
    this.thisSync = this.channel.prefetch(this.prefetch, this.together).then(yes, no);
    return await this.thisSync;
  }

  /** Everything unsettled goes back to its queue. */
  async close(deadline: Deadline): Promise<void> {
    if (this.ended) return;
    const closed = this.channel.close().catch(() => undefined);
    await deadline.within(closed);
    this.end();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.subscriptions.clear();
    this.events.onClosed(this, this.failure);
  }
}

const yes = (): boolean => true;
const no = (): boolean => false;

/** The client library reads only the tag of what it acknowledges. */
// reason: a whole message would have to be kept for nothing.
const handleOf = (deliveryTag: number): Parameters<Channel['ack']>[0] =>
  ({ fields: { deliveryTag } }) as unknown as Parameters<Channel['ack']>[0];
