import type { ConfirmChannel } from 'amqplib';
import { Deadline, isLovageError } from '@lovage/core';
import { failureKind, refusal } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import { ChannelKeeper } from '../connection/channel-keeper.js';
import type { RabbitStore } from '../rabbit-store.js';
import {
  knownDeliveries,
  type KnownDeliveries,
  notesGivenBack,
  notesInHand,
  notesUnseen,
} from './count-notes.js';

/** What the notes said when a message came, and how many there were then and are now. */
export interface TakenCount extends KnownDeliveries {
  readonly before: number;
  readonly inHand: number;
}

/** Notes are forgotten when nobody has asked for them for so long. */
const keptMs = 7 * 24 * 3600 * 1000;
/** Longest time for one question; who has no answer by then counts carefully. */
const answerMs = 5000;

/**
 * Counts deliveries beside the broker, for messages that it has taken back. The notes on one message are the messages of a small
 * queue that is named after it: their number is all that is asked for. A message that nobody gives back and nobody dies with
 * costs nothing.
 */
export class DeliveryCounts {
  private readonly keeper: ChannelKeeper;

  constructor(private readonly store: RabbitStore) {
    this.keeper = new ChannelKeeper({ link: store.publishing });
  }

  /** A message came that the broker marks as redelivered. From now on this delivery counts. */
  async taken(key: string): Promise<TakenCount> {
    try {
      return await this.use(async (channel) => {
        const { messageCount } = await channel.assertQueue(queueOf(key), noteQueue);
        const notes = notesInHand(messageCount);
        await write(channel, key, notes - messageCount);
        return { ...knownDeliveries(messageCount), before: messageCount, inHand: notes };
      });
    } catch (error) {
      // Once too often is safer than never.
      this.store.warn(error);
      return { counted: 1, handed: true, before: 0, inHand: 0 };
    }
  }

  /** A message is about to be given back. @param count as it was taken; `undefined`: it came for the first time */
  async givenBack(key: string, count: TakenCount | undefined): Promise<void> {
    await this.leave(key, count, notesGivenBack(count?.inHand));
  }

  /** A message that was never handed out is about to be given back. @param before notes when it was taken */
  async unseen(key: string, count: TakenCount | undefined): Promise<void> {
    await this.leave(key, count, notesUnseen(count?.before));
  }

  /** The message has gone. */
  forget(key: string): void {
    void this.tryTo(async (channel) => {
      await channel.deleteQueue(queueOf(key));
    });
  }

  private async leave(key: string, count: TakenCount | undefined, notes: number): Promise<void> {
    await this.tryTo(async (channel) =>
      count === undefined
        ? await start(channel, key, notes)
        : await remove(channel, key, count.inHand - notes),
    );
  }

  private async tryTo(action: (channel: ConfirmChannel) => Promise<void>): Promise<void> {
    try {
      await this.use(action);
    } catch (error) {
      // The message is given back all the same; then the delivery counts.
      this.store.warn(error);
    }
  }

  private async use<T>(action: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const link = this.store.publishing;
    const late = (): Error => link.unreachable('count deliveries', link.blocked ?? 'no answer');
    // Notes are messages too: a broker that takes none would let us wait in vain.
    if (link.blocked !== undefined) throw late();
    const deadline = Deadline.in(this.store.clock, answerMs);
    const channel = await this.keeper.use('count deliveries', deadline);
    try {
      return await deadline.race(action(channel), late);
    } catch (error) {
      throw isLovageError(error) ? error : problemOf(link, error);
    }
  }
}

const problemOf = (link: AmqpLink, error: unknown): Error =>
  failureKind(error) === 'lost'
    ? link.unreachable('count deliveries', error)
    : refusal(link.address, 'count deliveries', error);

const noteQueue = { durable: true, arguments: { 'x-expires': keptMs } };
const queueOf = (key: string): string => `lovage.count.${key}`;
const empty = Buffer.alloc(0);

/** A message whose notes, if it has any, are of no account. */
async function start(channel: ConfirmChannel, key: string, notes: number): Promise<void> {
  const { messageCount } = await channel.assertQueue(queueOf(key), noteQueue);
  if (messageCount < notes) await write(channel, key, notes - messageCount);
}

async function write(channel: ConfirmChannel, key: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      await new Promise<void>((resolve, reject) => {
        channel.sendToQueue(queueOf(key), empty, { persistent: true }, (error: unknown) => {
          if (error === null || error === undefined) resolve();
          else reject(error instanceof Error ? error : new Error('the broker refused a note'));
        });
      });
    }),
  );
}

async function remove(channel: ConfirmChannel, key: string, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await channel.get(queueOf(key), { noAck: true });
}
