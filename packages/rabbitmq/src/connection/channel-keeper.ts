import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type Deadline, isLovageError } from '@lovage/core';
import { failureKind, refusal } from './amqp-failure.js';
import type { AmqpLink } from './amqp-link.js';

export interface ChannelKeeperOptions {
  readonly link: AmqpLink;
  /** Brings a new channel into its state before anybody uses it. */
  readonly prepare?: (channel: ConfirmChannel) => void;
  /** The channel has ended; `undefined`: its connection has. */
  readonly onClosed?: (channel: ConfirmChannel, error: Error | undefined) => void;
}

/** One channel with confirms on a connection that heals itself; a new one when it has ended. */
export class ChannelKeeper {
  private channel: ConfirmChannel | undefined;
  private opening: { readonly on: ChannelModel; readonly made: Promise<ConfirmChannel> } | undefined;

  constructor(private readonly options: ChannelKeeperOptions) {}

  /** The channel, while there is one. */
  get current(): ConfirmChannel | undefined {
    return this.channel;
  }

  /** @throws LOVAGE_STORE_UNREACHABLE; what made the server refuse a channel */
  async use(operation: string, deadline: Deadline): Promise<ConfirmChannel> {
    const { link } = this.options;
    for (;;) {
      if (this.channel !== undefined) return this.channel;
      const connection = await link.ready(operation, deadline);
      try {
        return this.channel ?? (await this.opened(connection, operation, deadline));
      } catch (error) {
        if (isLovageError(error)) throw error;
        if (failureKind(error) !== 'lost') throw refusal(link.address, operation, error);
        if (deadline.passed) throw link.unreachable(operation, error);
      }
      await link.pause();
    }
  }

  private async opened(
    connection: ChannelModel,
    operation: string,
    deadline: Deadline,
  ): Promise<ConfirmChannel> {
    const { link } = this.options;
    if (this.opening?.on !== connection) {
      const made = this.open(connection);
      made.catch(() => undefined);
      this.opening = { on: connection, made };
    }
    return await deadline.race(this.opening.made, () =>
      link.unreachable(operation, 'no channel was opened in time'),
    );
  }

  private async open(connection: ChannelModel): Promise<ConfirmChannel> {
    try {
      const channel = await connection.createConfirmChannel();
      let failure: Error | undefined;
      channel.on('error', (error) => {
        failure = error;
      });
      channel.on('close', () => {
        if (this.channel === channel) this.channel = undefined;
        this.options.onClosed?.(channel, failure);
      });
      this.options.prepare?.(channel);
      this.channel = channel;
      return channel;
    } finally {
      this.opening = undefined;
    }
  }
}
