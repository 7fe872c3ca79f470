import {
  type Deadline,
  type ParkReason,
  type PublishOutcome,
  QUEUE_UNDECLARED,
  type Settlement,
  type SettleOutcome,
  type SettleVerb,
  VALUE_UNSERIALIZABLE,
} from '@lovage/core';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';
import type { Declarations } from '../topology/declarations.js';
import { ownHeaders } from '../wire/own-headers.js';
import { parkedQueue } from '../wire/parked.js';
import { writableMessage } from '../wire/writable-message.js';
import type { ConsumerChannel } from './consumer-channel.js';
import { copyOf } from './copy-of.js';
import type { DeliveryCounts } from './delivery-counts.js';
import type { Dispatch, Publisher } from './publisher.js';
import type { RabbitDelivery } from './rabbit-delivery.js';

export interface EndingsParts {
  readonly store: RabbitStore;
  readonly publisher: Publisher;
  readonly counts: DeliveryCounts;
  readonly declarations: Declarations;
  /** The connection that may declare a queue. */
  readonly linkOf: (queue: string) => AmqpLink;
}

const settled: SettleOutcome = { kind: 'settled' };
const lost: SettleOutcome = { kind: 'lost' };

/**
 * Ends deliveries.
 *
 * - `ack`: gathered, and told to the broker with as few frames as possible. There is no answer to it. Where one is needed something is asked
 *   behind it, which costs the server as much as the acknowledgement and wakes this process once more
 * - `release`: given back to its place (basic.nack), after a note that it does not count
 * - `requeue`, `park`: a copy is published and confirmed, then the message is acknowledged. Who dies in between leaves both: a
 *   repeat, not a loss
 */
export class Endings {
  /** Queue → its queue of parked messages is being declared, or was. */
  private readonly parkedQueues = new Map<string, Promise<void>>();
  /** Deliveries that ended in a batch that failed as a whole: tried again, they are found as they were left. */
  private readonly ended = new WeakMap<RabbitDelivery, SettleVerb['kind']>();
  /** Being ended now. */
  private readonly ending = new WeakSet<RabbitDelivery>();

  constructor(private readonly parts: EndingsParts) {}

  /** @param settlements of deliveries that this broker has made */
  async settle(settlements: readonly Settlement[], deadline: Deadline): Promise<readonly SettleOutcome[]> {
    const outcomes: SettleOutcome[] = [];
    const slow: Promise<void>[] = [];
    const touched = new Set<RabbitDelivery['holder']>();
    /** Those of which the broker must have heard. */
    const awaited = new Map<number, RabbitDelivery>();
    for (const [index, { delivery, verb }] of settlements.entries()) {
      const one = delivery as RabbitDelivery;
      if (this.ended.get(one) === verb.kind) {
        this.ended.delete(one);
        outcomes[index] = settled;
      } else if (this.ending.has(one) || !one.holder.holds(one)) {
        outcomes[index] = lost;
      } else if (verb.kind === 'ack' && one.deposit === undefined) {
        this.gone(one);
        touched.add(one.holder);
        if (verb.certain === true) awaited.set(index, one);
        outcomes[index] = settled;
      } else {
        this.ending.add(one);
        touched.add(one.holder);
        if (one.deposit === undefined) awaited.set(index, one);
        slow.push(
          this.end(one, verb, deadline).then((outcome) => {
            outcomes[index] = outcome;
          }),
        );
      }
    }
    // Acknowledgements do not wait for the rest.
    for (const holder of touched) holder.flush();
    const failure = slow.length > 0 ? await this.finish(slow, settlements, touched) : undefined;
    // Whoever is told that a message is back must find it so; and who begins a task that must not run twice, that it has gone.
    if (awaited.size > 0) {
      const deaf = await deafOf(awaited.values(), deadline);
      for (const [index, { channel }] of awaited)
        if (deaf.has(channel) && settlements[index]?.verb.kind === 'ack') outcomes[index] = lost;
    }
    if (failure === undefined) return outcomes;
    for (const [index, { delivery, verb }] of settlements.entries()) {
      if (outcomes[index] === settled) this.ended.set(delivery as RabbitDelivery, verb.kind);
    }
    throw failure.reason;
  }

  private async finish(
    slow: readonly Promise<void>[],
    settlements: readonly Settlement[],
    touched: ReadonlySet<RabbitDelivery['holder']>,
  ): Promise<PromiseRejectedResult | undefined> {
    const ends = await Promise.allSettled(slow);
    for (const { delivery } of settlements) this.ending.delete(delivery as RabbitDelivery);
    for (const holder of touched) holder.flush();
    return ends.find((end) => end.status === 'rejected');
  }

  private async end(delivery: RabbitDelivery, verb: SettleVerb, deadline: Deadline): Promise<SettleOutcome> {
    if (verb.kind === 'ack') return await this.away(delivery, deadline);
    if (verb.kind === 'release') return await this.release(delivery, deadline);
    if (verb.kind === 'park') return await this.park(delivery, verb.reason, deadline);
    return await this.requeue(delivery, verb.delayMs ?? 0, delivery.deliveries, deadline);
  }

  private async release(delivery: RabbitDelivery, deadline: Deadline): Promise<SettleOutcome> {
    const worn = delivery.returns >= this.parts.declarations.mostReturns(delivery.queue);
    if (worn || delivery.deposit !== undefined) {
      return await this.requeue(delivery, 0, delivery.deliveries - 1, deadline);
    }
    await this.parts.counts.givenBack(delivery);
    if (!delivery.holder.holds(delivery)) return lost;
    delivery.holder.giveBack(delivery);
    return settled;
  }

  private async requeue(
    delivery: RabbitDelivery,
    delayMs: number,
    deliveries: number,
    deadline: Deadline,
  ): Promise<SettleOutcome> {
    const { store } = this.parts;
    const dispatch: Dispatch = {
      ...copyOf(delivery, { to: delivery.queue, deliveries, handed: true, id: store.newId() }),
      notBefore: delayMs > 0 ? store.clock.wallNow() + delayMs : undefined,
    };
    return await this.replace(delivery, dispatch, deadline, async () => {
      const { declarations, linkOf } = this.parts;
      await declarations.declareAgain(linkOf(delivery.queue), [delivery.queue], deadline);
    });
  }

  private async park(
    delivery: RabbitDelivery,
    reason: ParkReason,
    deadline: Deadline,
  ): Promise<SettleOutcome> {
    const { store, declarations } = this.parts;
    const { queue } = delivery;
    const declare = async (): Promise<void> => {
      const declared = declarations.declareParked(store.publishing, queue, deadline);
      this.parkedQueues.set(queue, declared);
      await declared.catch((error: unknown) => {
        this.parkedQueues.delete(queue);
        throw error;
      });
    };
    await (this.parkedQueues.get(queue) ?? declare());
    const { deliveries } = delivery;
    const copy = copyOf(delivery, { to: parkedQueue(queue), deliveries, handed: true, id: store.newId() });
    const dispatch: Dispatch = {
      ...copy,
      added: {
        ...copy.added,
        [ownHeaders.parkCode]: reason.code,
        [ownHeaders.parkText]: reason.text,
        [ownHeaders.parkedAt]: store.clock.wallNow(),
      },
    };
    return await this.replace(delivery, dispatch, deadline, declare);
  }

  /** A copy takes the place of the message. @param declare makes its queue, should it be missing */
  private async replace(
    delivery: RabbitDelivery,
    dispatch: Dispatch,
    deadline: Deadline,
    declare: () => Promise<void>,
  ): Promise<SettleOutcome> {
    const outcome = await this.publishCopy(dispatch, deadline);
    if (outcome === 'unroutable') {
      await declare();
      // Deleted once more: the message stays in hand, rather than nowhere.
      if ((await this.publishCopy(dispatch, deadline)) !== 'accepted')
        throw QUEUE_UNDECLARED.create({ queue: dispatch.routingKey, operation: 'put back' });
    }
    return await this.away(delivery, deadline);
  }

  /** A message that was never meant to be written by us must not stay in hand for that. */
  private async publishCopy(copy: Dispatch, deadline: Deadline): Promise<PublishOutcome['kind'] | undefined> {
    const { publisher } = this.parts;
    try {
      // Another one: a publisher remembers what became of each that it was given.
      return (await publisher.dispatch([{ ...copy }], deadline))[0]?.kind;
    } catch (error) {
      if (!VALUE_UNSERIALIZABLE.is(error)) throw error;
      const writable = { ...copy, message: writableMessage(copy.message) };
      return (await publisher.dispatch([writable], deadline))[0]?.kind;
    }
  }

  /** The message is taken away, if it is still ours. */
  private async away(delivery: RabbitDelivery, deadline: Deadline): Promise<SettleOutcome> {
    if (!delivery.holder.holds(delivery)) return lost;
    const ours = (await delivery.deposit?.end(deadline)) ?? true;
    this.gone(delivery);
    return ours ? settled : lost;
  }

  private gone(delivery: RabbitDelivery): void {
    delivery.holder.acknowledge(delivery);
    if (delivery.count !== undefined) this.parts.counts.forget(delivery.key);
  }
}

/** Channels of deliveries of which it is not known whether the broker has done all that they were told. */
async function deafOf(
  deliveries: Iterable<RabbitDelivery>,
  deadline: Deadline,
): Promise<ReadonlySet<ConsumerChannel>> {
  const deaf = new Set([...deliveries].map(({ channel }) => channel));
  const ask = async (channel: ConsumerChannel): Promise<void> => {
    if (await channel.synced()) deaf.delete(channel);
  };
  await deadline.within(Promise.all([...deaf].map(ask)));
  return deaf;
}
