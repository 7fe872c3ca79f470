import type { Channel } from 'amqplib';
import { Deadline, STORE_WARNING, type Timer } from '@lovage/core';
import { codedFailure, textOf } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';

/** The queue goes when nobody has consumed it for this long: its process is dead, or was away for too long. */
const expiresMs = 30 * 60_000;
const subscribeMs = 30_000;
const pauseMs = 500;

export interface ReplyQueueOptions {
  readonly store: RabbitStore;
  readonly name: string;
  readonly onReply: (taskId: string | undefined, document: Buffer) => void;
}

/**
 * The queue in which this process hears of its tasks. Unlike Celery's it outlives a lost connection and a restart of the server,
 * so that what was sent meanwhile is still heard; `close` deletes it.
 *
 * CLOSED     before `open` and after `close`.
 * WAITING    no channel; one is made as soon as there is a connection.
 * CONSUMING  until the channel ends, for whatever reason; then WAITING.
 */
export class ReplyQueue {
  private readonly link: AmqpLink;
  private channel: Channel | undefined;
  private subscribing: Promise<void> | undefined;
  private closed = false;
  private retry: Timer | undefined;

  constructor(private readonly options: ReplyQueueOptions) {
    this.link = options.store.newLink('results', {
      onReady: () => void this.subscribe().catch((error: unknown) => this.failed(error)),
      onLost: () => this.lose(this.channel),
    });
  }

  /**
   * Resolves when there is a queue for replies.
   *
   * @throws LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED
   */
  async open(deadline: Deadline): Promise<void> {
    await this.link.open(deadline);
    try {
      await deadline.race(this.subscribe(), () => this.link.unreachable('open', 'no answer'));
    } catch (error) {
      throw codedFailure(this.link.address, 'declare', error);
    }
  }

  async close(deadline: Deadline): Promise<void> {
    const { channel } = this;
    this.end();
    // Nobody could hear what would come there.
    if (channel !== undefined)
      await deadline.within(channel.deleteQueue(this.options.name).catch(() => undefined));
    await this.link.close(deadline);
  }

  /** Drops the connection without a word, as the end of the process does. */
  destroy(): void {
    this.end();
    this.link.destroy();
  }

  private end(): void {
    this.closed = true;
    this.channel = undefined;
    this.retry?.cancel();
  }

  private async subscribe(): Promise<void> {
    if (this.closed || this.channel !== undefined) return;
    this.subscribing ??= this.subscribeOnce().finally(() => {
      this.subscribing = undefined;
    });
    await this.subscribing;
  }

  private async subscribeOnce(): Promise<void> {
    const { store, name } = this.options;
    const deadline = Deadline.in(store.clock, subscribeMs);
    const late = (): Error => this.link.unreachable('consume', 'no answer');
    const connection = await this.link.ready('consume', deadline);
    const channel = await deadline.race(connection.createChannel(), late);
    channel.on('error', () => undefined);
    channel.on('close', () => this.lose(channel));
    await deadline.race(channel.assertQueue(name, { durable: true, expires: expiresMs }), late);
    const consuming = channel.consume(
      name,
      (message) => {
        if (this.closed) return;
        if (message === null) {
          // Somebody has deleted the queue.
          channel.close().catch(() => undefined);
          this.lose(channel);
          return;
        }
        const { correlationId } = message.properties as { readonly correlationId?: unknown };
        this.options.onReply(typeof correlationId === 'string' ? correlationId : undefined, message.content);
      },
      { noAck: true },
    );
    await deadline.race(consuming, late);
    if (!this.closed && this.link.current === connection) this.channel = channel;
    else if (!this.closed) this.again();
  }

  private lose(channel: Channel | undefined): void {
    if (channel === undefined || this.channel !== channel) return;
    this.channel = undefined;
    this.again();
  }

  private failed(error: unknown): void {
    if (this.closed) return;
    const { store, name } = this.options;
    store.warn(
      STORE_WARNING.create({
        address: store.address,
        found: `the queue of replies "${name}" can not be consumed: ${textOf(error)}`,
        advice:
          'It is tried again and again; results wait in the queue until then. See the log of the server.',
      }),
    );
    this.again();
  }

  private again(): void {
    if (this.closed) return;
    this.retry?.cancel();
    this.retry = this.options.store.clock.after(
      pauseMs,
      () => void this.subscribe().catch((error: unknown) => this.failed(error)),
    );
  }
}
