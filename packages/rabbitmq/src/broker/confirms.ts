import type { ConfirmChannel, Message } from 'amqplib';
import { type Deadline, STORE_REFUSED, VALUE_UNSERIALIZABLE } from '@lovage/core';
import type { AmqpLink } from '../connection/amqp-link.js';
import { ChannelKeeper } from '../connection/channel-keeper.js';
import { Waiters } from '../connection/waiters.js';
import { publishConfirmed } from '../connection/write-frames.js';
import type { WrittenMessage } from '../wire/write-message.js';

/** One message on its way to the broker. */
export interface Posting extends WrittenMessage {
  readonly exchange: string;
  readonly routingKey: string;
  /** It is to wait for its time. */
  readonly delayed?: boolean;
  /** Nothing is left to be done once the result of its task is there; see `Confirms.answered`. */
  readonly endsWithResult?: boolean;
}

/** `lost`: the channel ended first; whether the broker has it is not known. */
export type PostOutcome = 'confirmed' | 'returned' | 'refused' | 'lost';

/** Told what became of a message. @param place among those of its call */
export type OnPosted = (outcome: PostOutcome, place: number) => void;

interface Pending {
  readonly posting: Posting;
  readonly place: number;
  readonly done: OnPosted;
  returned: boolean;
  /** Its outcome was told before the confirm. */
  told: boolean;
}

/** Messages on their way at once; more wait for their turn, so that memory stays bounded. */
const mostPending = 5000;

/** Publishes with confirms, and finds out which messages no queue has taken. */
export class Confirms {
  private readonly keeper: ChannelKeeper;
  /** In the order in which they were sent. */
  private readonly pending = new Set<Pending>();
  /** Task id → message whose result may come before its confirm. */
  private readonly answerable = new Map<string, Pending>();
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

  /**
   * Sends; resolves when all have been written, which is before most of them are told.
   *
   * @throws LOVAGE_STORE_UNREACHABLE while there is no channel; whoever calls bounds the rest by its deadline
   */
  async post(postings: readonly Posting[], deadline: Deadline, done: OnPosted): Promise<void> {
    let channel = this.keeper.current ?? (await this.keeper.use('publish', deadline));
    for (const [place, posting] of postings.entries()) {
      while (this.pending.size >= mostPending && !deadline.passed) await this.roomWanted.wait(deadline);
      if (this.keeper.current !== channel) channel = await this.keeper.use('publish', deadline);
      const flows = this.send(channel, { posting, place, done, returned: false, told: false });
      if (!flows) await this.roomWanted.wait(deadline);
    }
  }

  /**
   * The result of a task has come: the broker had its message, and needs it no longer. That is said at once. The confirm comes when the
   * message has been written to the disk, or acknowledged, which is later than the result.
   */
  answered(taskId: string): void {
    const pending = this.answerable.get(taskId);
    if (pending === undefined || pending.returned) return;
    this.answerable.delete(taskId);
    pending.told = true;
    pending.done('confirmed', pending.place);
  }

  /** @returns false: the connection has enough for now */
  private send(channel: ConfirmChannel, pending: Pending): boolean {
    const { exchange, routingKey, content, options, endsWithResult } = pending.posting;
    const { correlationId } = options;
    this.pending.add(pending);
    if (endsWithResult === true && correlationId !== undefined) this.answerable.set(correlationId, pending);
    try {
      const fields = { exchange, routingKey, mandatory: options.mandatory === true };
      return publishConfirmed(channel, fields, options, content, (error) => this.confirmed(pending, error));
    } catch (error) {
      this.forget(pending);
      // A channel that has ended in this very moment says so by throwing.
      if (this.keeper.current !== channel || isEnded(error)) {
        pending.done('lost', pending.place);
        return true;
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
    this.forget(pending);
    if (this.roomWanted.some && this.pending.size < mostPending) this.roomWanted.wakeAll();
    if (!pending.told) pending.done(outcomeOf(pending, error), pending.place);
  }

  private forget(pending: Pending): void {
    this.pending.delete(pending);
    const { correlationId } = pending.posting.options;
    if (correlationId !== undefined && this.answerable.get(correlationId) === pending)
      this.answerable.delete(correlationId);
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

function outcomeOf({ returned }: Pending, error: unknown): PostOutcome {
  if (returned) return 'returned';
  if (error === null || error === undefined) return 'confirmed';
  return isNack(error) ? 'refused' : 'lost';
}

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
