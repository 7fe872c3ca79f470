import type { Channel, GetMessage } from 'amqplib';
import {
  checkedLimit,
  type Deadline,
  type InspectedMessage,
  type Inspector,
  type MessagePage,
  type MessagePlace,
  OPTION_INVALID,
  type QueueInfo,
  StoreSession,
} from '@lovage/core';
import type { KnownDeliveries } from '../broker/count-book.js';
import { DeliveryCounts } from '../broker/delivery-counts.js';
import { MessageSender } from '../broker/message-sender.js';
import type { RabbitBroker } from '../broker/rabbit-broker.js';
import { codedFailure, failureKind } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import { fractionLevel, fractionLevels, secondLevel, secondLevels } from '../delay/delay-route.js';
import type { RabbitStore } from '../rabbit-store.js';
import { messageKey } from '../wire/message-key.js';
import { countOf } from '../wire/own-headers.js';
import { parkedQueue } from '../wire/parked.js';
import { peekedMessage } from './peeked-message.js';
import { renewedMessage } from './renewed-message.js';

/** Deepest that can be looked into a queue: everything before a page is taken out and given back too. */
const deepest = 10_000;
/** The row of all messages that wait for their time: RabbitMQ keeps them together, whatever their queue. */
const delayedRow = 'celery_delayed';

/**
 * Looks with AMQP alone, without the management plugin. It counts what waits; of what is in hand it knows that of this process.
 *
 * To look at messages is to take them out and to give them back at once, where they were: while that goes on nobody else gets
 * them, and the order of a busy queue may change a little. It says beside each that this was no delivery.
 */
export class RabbitInspector implements Inspector {
  readonly places: readonly MessagePlace[] = ['ready', 'unsettled', 'parked'];
  private readonly session: StoreSession<RabbitStore>;
  private readonly link: AmqpLink;
  private readonly counts: DeliveryCounts;
  private readonly sender: MessageSender;

  constructor(
    private readonly store: RabbitStore,
    private readonly broker: RabbitBroker,
  ) {
    this.session = new StoreSession(store, 'inspector');
    this.link = store.newLink('inspect');
    this.counts = new DeliveryCounts(store);
    this.sender = new MessageSender(store);
  }

  get storeId(): string {
    return this.store.storeId;
  }

  /** Connects when it is first asked. */
  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
  }

  /** Those that this process has declared, and one row for all that wait for their time. */
  async queues({ deadline }: { readonly deadline: Deadline }): Promise<readonly QueueInfo[]> {
    this.session.use('queues', deadline);
    const rows: QueueInfo[] = [];
    for (const name of this.broker.declaredQueues.toSorted()) {
      const found = await this.look(name, deadline);
      if (found === undefined) continue;
      const parked = await this.look(parkedQueue(name), deadline);
      rows.push({
        name,
        ready: found.messageCount,
        delayed: 0,
        unsettled: this.broker.inHand(name).length,
        parked: parked?.messageCount ?? 0,
        consumers: found.consumerCount,
      });
    }
    const delayed = await this.countDelayed(deadline);
    if (delayed > 0) {
      rows.push({ name: delayedRow, ready: 0, delayed, unsettled: 0, parked: 0, consumers: 0 });
    }
    return rows.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async messages(params: {
    readonly queue: string;
    readonly place: MessagePlace;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly deadline: Deadline;
  }): Promise<MessagePage> {
    const { queue, place, deadline } = params;
    const limit = checkedLimit(params.limit);
    this.session.use('messages', deadline);
    const from = startOf(params.cursor);
    // One more than asked for tells whether there is another page.
    const upTo = Math.min(deepest, from + limit + 1);
    const found = await this.first(queue, place, upTo, deadline);
    const messages = found.slice(from, from + limit);
    return found.length > from + limit ? { messages, cursor: String(from + limit) } : { messages };
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    const first = this.session.close();
    await Promise.all([this.counts.close(deadline), this.link.close(deadline)]);
    this.sender.close();
    if (first) await this.session.released(deadline);
  }

  /** Drops its connection without a word. */
  destroy(): void {
    this.counts.destroy();
    this.link.destroy();
  }

  private async first(
    queue: string,
    place: MessagePlace,
    count: number,
    deadline: Deadline,
  ): Promise<readonly InspectedMessage[]> {
    if (place === 'delayed') return [];
    if (place !== 'unsettled') return await this.peek(queue, place, count, deadline);
    return this.broker
      .inHand(queue)
      .slice(0, count)
      .map(({ message, deliveries }) => ({ message, queue, place, deliveries }));
  }

  private async peek(
    queue: string,
    place: 'ready' | 'parked',
    count: number,
    deadline: Deadline,
  ): Promise<readonly InspectedMessage[]> {
    const name = place === 'parked' ? parkedQueue(queue) : queue;
    try {
      return await this.linkOf(name).call(
        'messages',
        deadline,
        async (channel) => await this.peekOn(channel, { name, queue, place, count, deadline }),
      );
    } catch (error) {
      if (failureKind(error) === 'missing') return [];
      throw codedFailure(this.store.address, 'messages', error);
    }
  }

  private async peekOn(
    channel: Channel,
    {
      name,
      queue,
      place,
      count,
      deadline,
    }: {
      readonly name: string;
      readonly queue: string;
      readonly place: 'ready' | 'parked';
      readonly count: number;
      readonly deadline: Deadline;
    },
  ): Promise<readonly InspectedMessage[]> {
    const taken: GetMessage[] = [];
    try {
      while (taken.length < count) {
        const message = await channel.get(name);
        if (message === false) break;
        taken.push(message);
      }
      const known = await Promise.all(
        taken.map(async (message) => (place === 'ready' ? await this.countBeside(name, message) : undefined)),
      );
      for (const [index, message] of taken.entries()) {
        if (isWorn(message, this.broker.mostReturns(name)))
          await this.renew(channel, { name, message, known: known[index], deadline });
      }
      return taken.map((message, index) => peekedMessage(message, queue, place, known[index]?.counted ?? 0));
    } finally {
      // The last first: each is put before those that follow it.
      if (taken.length > 0) channel.nackAll(true);
      // When this is answered, they are back.
      await channel.prefetch(1).catch(() => undefined);
    }
  }

  /**
   * A quorum queue counts what is given back, and drops a message, or parks it, when it has been too often: a copy takes its place, behind the others.
   * So that nobody loses anything by looking.
   */
  private async renew(
    channel: Channel,
    {
      name,
      message,
      known,
      deadline,
    }: {
      readonly name: string;
      readonly message: GetMessage;
      readonly known: KnownDeliveries | undefined;
      readonly deadline: Deadline;
    },
  ): Promise<void> {
    try {
      const dispatch = renewedMessage(message, name, known, this.store.newId());
      const [outcome] = await this.sender.send([dispatch], deadline);
      if (outcome?.kind === 'accepted') channel.ack(message);
    } catch (error) {
      // It is given back as it is.
      this.store.warn(error);
    }
  }

  /** Notes that this was no delivery, and gives what is known of those there were. */
  private async countBeside(name: string, message: GetMessage): Promise<KnownDeliveries | undefined> {
    const key = messageKey(name, message);
    if (message.fields.redelivered) return await this.counts.look(key);
    await this.counts.untouched(key);
    return undefined;
  }

  private async look(
    name: string,
    deadline: Deadline,
  ): Promise<{ readonly messageCount: number; readonly consumerCount: number } | undefined> {
    try {
      return await this.linkOf(name).call(
        'queues',
        deadline,
        async (channel) => await channel.checkQueue(name),
      );
    } catch (error) {
      // Where it has become the exclusive queue of somebody else, it is none of ours.
      if (['missing', 'conflict'].includes(failureKind(error))) return undefined;
      throw codedFailure(this.store.address, 'queues', error);
    }
  }

  private linkOf(queue: string): AmqpLink {
    return this.broker.ownerOf(queue) ?? this.link;
  }

  private async countDelayed(deadline: Deadline): Promise<number> {
    const levels = [
      ...Array.from({ length: secondLevels }, (_, level) => secondLevel(level)),
      ...Array.from({ length: fractionLevels }, (_, level) => fractionLevel(level)),
    ];
    try {
      return await this.link.call('queues', deadline, async (channel) => {
        let sum = 0;
        for (const level of levels) sum += (await channel.checkQueue(level)).messageCount;
        return sum;
      });
    } catch (error) {
      // Nothing was ever delayed here.
      if (failureKind(error) === 'missing') return 0;
      throw codedFailure(this.store.address, 'queues', error);
    }
  }
}

const isWorn = ({ properties }: GetMessage, mostReturns: number): boolean =>
  (countOf(properties.headers?.['x-delivery-count']) ?? 0) >= mostReturns;

function startOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const from = /^\d{1,5}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (from < deepest) return from;
  throw OPTION_INVALID.create({
    problems: [{ option: 'cursor', expected: 'what a page before has given', got: cursor }],
  });
}
