import {
  type Broker,
  type BrokerCapabilities,
  CAPABILITY_MISSING,
  type Consumer,
  type ConsumeParams,
  CONSUMER_DUPLICATE,
  Deadline,
  DELIVERY_FOREIGN,
  type Publication,
  type PublishOutcome,
  QUEUE_UNDECLARED,
  type Settlement,
  type SettleOutcome,
  StoreSession,
  type Topology,
  type UnparkOutcome,
} from '@lovage/core';
import { codedFailure, failureKind } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';
import { Declarations } from '../topology/declarations.js';
import { DeliveryCounts } from './delivery-counts.js';
import { Endings } from './endings.js';
import { Publisher } from './publisher.js';
import { RabbitConsumer } from './rabbit-consumer.js';
import { RabbitDelivery } from './rabbit-delivery.js';
import { unpark } from './unpark.js';

const earlyMs = 30_000;

/** What exists while the broker is open. */
interface Parts {
  readonly publisher: Publisher;
  readonly counts: DeliveryCounts;
  readonly endings: Endings;
}

/** A broker on RabbitMQ, in Celery's AMQP format. */
export class RabbitBroker implements Broker {
  readonly capabilities: BrokerCapabilities;
  private readonly session: StoreSession<RabbitStore>;
  private readonly declarations: Declarations;
  private readonly consumers = new Map<string, RabbitConsumer>();
  /** Consumes and acknowledges, apart from publishing: the server blocks who publishes when it runs out of memory. */
  private readonly consuming: AmqpLink;
  private parts: Parts | undefined;

  constructor(private readonly store: RabbitStore) {
    this.session = new StoreSession(store, 'broker');
    this.declarations = new Declarations(store.settings, (warning) => store.warn(warning));
    this.capabilities = {
      delayedDelivery: true,
      atomicSettle: false,
      priorityOrder: 'high-first',
      queueOrder: false,
      exchangeTypes: ['direct', 'topic', 'fanout', 'headers'],
      // A quorum queue without a delivery limit puts what it takes back behind the others.
      releasesNext: store.settings.queueType === 'classic' || store.settings.deliveryLimit !== undefined,
      durable: true,
      longestHoldMs: store.settings.consumerTimeoutMs,
    };
    const changed = (): void => {
      for (const consumer of this.consumers.values()) consumer.connectionChanged();
    };
    this.consuming = store.newLink('consume', { onReady: changed });
  }

  get storeId(): string {
    return this.store.storeId;
  }

  get address(): string {
    return this.store.address;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
    if (this.parts !== undefined) return;
    const publisher = new Publisher(this.store);
    const counts = new DeliveryCounts(this.store);
    const { store, declarations } = this;
    const linkOf = (queue: string): AmqpLink => this.ownerOf(queue) ?? store.publishing;
    this.parts = {
      publisher,
      counts,
      endings: new Endings({ store, publisher, counts, declarations, linkOf }),
    };
  }

  async declare({
    topology,
    deadline,
  }: {
    readonly topology: Topology;
    readonly deadline: Deadline;
  }): Promise<void> {
    const { publisher } = this.use('declare', deadline);
    const { publishing } = this.store;
    // An exclusive queue belongs to the connection that declares it. And a broker without memory lets us declare still.
    const own = topology.queues?.some(({ exclusive }) => exclusive === true) ?? false;
    const link = own || publishing.blocked !== undefined ? this.consuming : publishing;
    await this.declarations.declare(link, topology, deadline);
    if (topology.queues !== undefined && topology.queues.length > 0) await publisher.prepareDelays(deadline);
  }

  async publish({
    publications,
    deadline,
  }: {
    readonly publications: readonly Publication[];
    readonly deadline: Deadline;
  }): Promise<readonly PublishOutcome[]> {
    const { publisher } = this.use('publish', deadline);
    return publications.length === 0 ? [] : await publisher.publish(publications, deadline);
  }

  async consume(params: ConsumeParams): Promise<Consumer> {
    const { counts, publisher } = this.use('consume', params.deadline);
    const { consumerId } = params;
    if (this.consumers.has(consumerId)) throw CONSUMER_DUPLICATE.create({ consumerId });
    const consumer = new RabbitConsumer(params, {
      store: this.store,
      link: this.consuming,
      declarations: this.declarations,
      counts,
      publisher,
      onEarly: (delivery) => void this.sendOn(delivery),
      onEnd: (ended) => this.consumers.delete(ended.consumerId),
    });
    this.consumers.set(consumerId, consumer);
    try {
      for (const queue of params.queues) await this.findQueue(queue, params.deadline);
      await consumer.begin();
    } catch (error) {
      this.consumers.delete(consumerId);
      throw error;
    }
    return consumer;
  }

  async begin({ deliveries, deadline }: Parameters<Broker['begin']>[0]): Promise<void> {
    const { counts } = this.use('begin', deadline);
    const begun = deliveries
      .map((delivery) => this.checkOwn(delivery))
      .filter((one) => one.note === 'waits' && one.holder.holds(one));
    const told = begun.map(async (delivery) => {
      await counts.begun(delivery);
      await delivery.deposit?.begun();
    });
    await deadline.within(Promise.all(told));
  }

  async settle({
    settlements,
    deadline,
  }: {
    readonly settlements: readonly Settlement[];
    readonly deadline: Deadline;
  }): Promise<readonly SettleOutcome[]> {
    const { endings } = this.use('settle', deadline);
    for (const { delivery, results, publishes, joins, closes = [] } of settlements) {
      this.checkOwn(delivery);
      if (results.length + publishes.length + joins.length + closes.length > 0) throw notAtomic();
    }
    return await endings.settle(settlements, deadline);
  }

  async unpark(params: Parameters<Broker['unpark']>[0]): Promise<UnparkOutcome> {
    const { publisher } = this.use('unpark', params.deadline);
    return await unpark(this.store, publisher, params);
  }

  async purge({ queue, deadline }: { readonly queue: string; readonly deadline: Deadline }): Promise<number> {
    this.use('purge', deadline);
    try {
      return (
        await (this.ownerOf(queue) ?? this.store.publishing).call(
          'purge',
          deadline,
          async (channel) => await channel.purgeQueue(queue),
        )
      ).messageCount;
    } catch (error) {
      throw this.queueFailure(queue, 'purge', error);
    }
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    if (!this.session.close()) return;
    await Promise.all(
      [...this.consumers.values()].map(async (consumer) => await consumer.close({ deadline })),
    );
    this.parts?.publisher.close();
    await this.parts?.counts.close(deadline);
    await this.consuming.close(deadline);
    await this.session.released(deadline);
  }

  /** Queues that this process has declared. */
  get declaredQueues(): readonly string[] {
    return this.declarations.queueNames;
  }

  /** The connection that alone may ask for a queue: an exclusive one belongs to that on which it was declared. */
  ownerOf(queue: string): AmqpLink | undefined {
    return this.declarations.isExclusive(queue) ? this.consuming : undefined;
  }

  /** How often a message of a queue may be given back before a copy of it must start anew. */
  mostReturns(queue: string): number {
    return this.declarations.mostReturns(queue);
  }

  /** What consumers of this process have in hand, oldest first. */
  inHand(queue: string): readonly RabbitDelivery[] {
    return [...this.consumers.values()]
      .flatMap((consumer) => consumer.inHand)
      .filter((delivery) => delivery.queue === queue);
  }

  /** Drops its connections without a word. */
  destroy(): void {
    for (const consumer of this.consumers.values()) consumer.destroy();
    this.parts?.publisher.close();
    this.parts?.counts.destroy();
    this.consuming.destroy();
  }

  /** Cuts its connection for consuming, as a network does; a new one is made. For tests. */
  cut(): void {
    this.consuming.cut();
  }

  private use(operation: string, deadline: Deadline): Parts {
    this.session.use(operation, deadline);
    if (this.parts === undefined) throw new Error('an open broker has its parts');
    return this.parts;
  }

  private async findQueue(queue: string, deadline: Deadline): Promise<void> {
    try {
      await this.consuming.call('consume', deadline, async (channel) => await channel.checkQueue(queue));
    } catch (error) {
      if (failureKind(error) !== 'missing' || !this.declarations.isFleeting(queue))
        throw this.queueFailure(queue, 'consume', error);
      // It may have ended with another consumer since it was declared.
      await this.declarations.declareAgain(this.consuming, [queue], deadline);
    }
  }

  private queueFailure(queue: string, operation: string, error: unknown): unknown {
    const kind = failureKind(error);
    if (kind === 'missing') return QUEUE_UNDECLARED.create({ queue, operation }, error);
    return codedFailure(this.address, operation, error);
  }

  /** The broker can hold a message back for some years only; what is to wait longer sets out once more. */
  private async sendOn(delivery: RabbitDelivery): Promise<void> {
    const { parts, store } = this;
    if (parts === undefined) return;
    const { message, queue, notBefore } = delivery;
    try {
      await parts.publisher.dispatch(
        [{ message, exchange: '', routingKey: queue, notBefore }],
        Deadline.in(store.clock, earlyMs),
      );
      delivery.holder.acknowledge(delivery);
      delivery.holder.flush();
    } catch (error) {
      store.warn(error);
      delivery.holder.giveBack(delivery);
    }
  }

  /** @throws LOVAGE_DELIVERY_FOREIGN for an object that no consumer of this broker was handed */
  private checkOwn(delivery: unknown): RabbitDelivery {
    if (delivery instanceof RabbitDelivery && delivery.broker === this.store) return delivery;
    const queue = (delivery as { readonly queue?: unknown } | undefined)?.queue;
    throw DELIVERY_FOREIGN.create({ queue: String(queue), address: this.address });
  }
}

const notAtomic = (): Error =>
  CAPABILITY_MISSING.create({
    driver: 'rabbitmq',
    capability: 'atomicSettle',
    instead: 'Store the results and publish the messages first, then acknowledge.',
  });
