import type { ConfirmChannel, Message } from 'amqplib';
import { type Deadline, STORE_REFUSED, VALUE_UNSERIALIZABLE } from '@lovage/core';
import type { AmqpLink } from '../connection/amqp-link.js';
import { ChannelKeeper } from '../connection/channel-keeper.js';
import { Waiters } from '../connection/waiters.js';
import type { WrittenMessage } from '../wire/write-message.js';

/** One message on its way to the broker. */
export interface Posting extends WrittenMessage {
  readonly exchange: string;
  readonly routingKey: string;
  /** It is to wait for its time. */
  readonly delayed?: boolean;
}

/** `lost`: the channel ended first; whether the broker has it is not known. */
export type PostOutcome = 'confirmed' | 'returned' | 'refused' | 'lost';

interface Pending {
  readonly posting: Posting;
  readonly done: (outcome: PostOutcome) => void;
  returned: boolean;
}

/** Messages on their way at once; more wait for their turn, so that memory stays bounded. */
const mostPending = 5000;

/** Publishes with confirms, and finds out which messages no queue has taken. */
export class Confirms {
  private readonly keeper: ChannelKeeper;
  /** In the order in which they were sent. */
  private readonly pending = new Set<Pending>();
  private readonly roomWanted = new Waiters();
  /** Why the server closed the last channel. */
  private failure: Error | undefined;

  constructor(private readonly link: AmqpLink) {
    this.keeper = new ChannelKeeper({
      link,
      prepare: (channel) => {
        channel.on('return', (message) => this.noteReturn(message));
        channel.on('drain', () => this.roomWanted.wakeAll());
      },
      onClosed: (_channel, error) => {
        this.failure = error;
        this.roomWanted.wakeAll();
      },
    });
  }

  /** Why the server closed the channel last; `undefined` where the connection was lost. */
  get closeReason(): Error | undefined {
    return this.failure;
  }

  /** Outcomes in order. @throws LOVAGE_STORE_UNREACHABLE while there is no channel; whoever calls bounds the rest by its deadline */
  async post(postings: readonly Posting[], deadline: Deadline): Promise<Promise<PostOutcome>[]> {
    const outcomes: Promise<PostOutcome>[] = [];
    let channel = await this.keeper.use('publish', deadline);
    for (const posting of postings) {
      while (this.pending.size >= mostPending && !deadline.passed) await this.roomWanted.wait(deadline);
      if (this.keeper.current !== channel) channel = await this.keeper.use('publish', deadline);
      const { outcome, flows } = this.send(channel, posting);
      outcomes.push(outcome);
      if (!flows) await this.roomWanted.wait(deadline);
    }
    return outcomes;
  }

  private send(
    channel: ConfirmChannel,
    posting: Posting,
  ): { readonly outcome: Promise<PostOutcome>; readonly flows: boolean } {
    let done: (outcome: PostOutcome) => void = nothing;
    const outcome = new Promise<PostOutcome>((resolve) => {
      done = resolve;
    });
    const pending: Pending = { posting, done, returned: false };
    const { exchange, routingKey, content, options } = posting;
    this.pending.add(pending);
    try {
      const flows = channel.publish(exchange, routingKey, content, options, (error: unknown) =>
        this.confirmed(pending, error),
      );
      return { outcome, flows };
    } catch (error) {
      this.pending.delete(pending);
      // A channel that has ended in this very moment says so by throwing.
      if (this.keeper.current !== channel || isEnded(error)) {
        done('lost');
        return { outcome, flows: true };
      }
      throw VALUE_UNSERIALIZABLE.create(
        {
          serializer: 'AMQP',
          where: 'a header or property',
          problem: error instanceof Error ? error.message : String(error),
        },
        error,
      );
    }
  }

  private confirmed(pending: Pending, error: unknown): void {
    this.pending.delete(pending);
    if (this.roomWanted.some && this.pending.size < mostPending) this.roomWanted.wakeAll();
    if (pending.returned) pending.done('returned');
    else if (error === null || error === undefined) pending.done('confirmed');
    else pending.done(isNack(error) ? 'refused' : 'lost');
  }

  /** A return comes before the confirm of its message, and those of one destination come in the order of publishing. */
  private noteReturn({ fields, properties, content }: Message): void {
    for (const pending of this.pending) {
      const { posting } = pending;
      if (
        !pending.returned &&
        posting.routingKey === fields.routingKey &&
        posting.exchange === fields.exchange &&
        posting.options.correlationId === (properties.correlationId as unknown) &&
        posting.content.length === content.length
      ) {
        pending.returned = true;
        return;
      }
    }
  }
}

const nothing = (): void => undefined;

/** As against a channel that has ended. */
const isNack = (error: unknown): boolean => error instanceof Error && error.message === 'message nacked';

const isEnded = (error: unknown): boolean => error instanceof Error && error.name === 'IllegalOperationError';

/** The broker has refused a message: a queue is full and says so (`x-overflow`), or it had to give up a queue. */
export const refusedByQueue = (address: string, { exchange, routingKey }: Posting): Error =>
  STORE_REFUSED.create({
    address,
    operation: 'publish',
    answer: `a queue for exchange "${exchange}" and routing key "${routingKey}" does not take the message (basic.nack)`,
    advice: 'The queue is full (x-max-length with x-overflow), or has no leader at present.',
  });
