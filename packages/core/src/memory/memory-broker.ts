import type { Deadline } from '../clock/deadline.js';
import { CONSUMER_DUPLICATE, DELIVERY_FOREIGN } from '../errors/store-errors.js';
import type { Broker, BrokerCapabilities, UnparkOutcome } from '../ports/broker.js';
import type { Consumer, ConsumeParams, Delivery } from '../ports/consumer.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { Settlement, SettleOutcome } from '../ports/settlement.js';
import type { Topology } from '../ports/topology.js';
import type { ExchangeTable } from './exchange-table.js';
import { MemoryConsumer } from './memory-consumer.js';
import { MemoryDelivery } from './memory-delivery.js';
import type { MemoryQueue } from './memory-queue.js';
import { PortSession } from './port-session.js';
import { settleOne } from './settle-one.js';
import type { StoreHandle } from './store-handle.js';

/** A broker in the memory of this process. Every call takes effect in one step, before its promise resolves. */
export class MemoryBroker implements Broker {
  readonly capabilities: BrokerCapabilities = {
    delayedDelivery: true,
    atomicSettle: true,
    priorityOrder: 'high-first',
    queueOrder: true,
    exchangeTypes: ['direct', 'topic', 'fanout', 'headers'],
    releasesNext: true,
    durable: false,
  };
  private readonly session: PortSession;
  private readonly consumers = new Set<MemoryConsumer>();
  private exchanges: ExchangeTable | undefined;

  constructor(handle: StoreHandle) {
    this.session = new PortSession(handle, 'broker');
  }

  get storeId(): string {
    return this.session.storeId;
  }

  get address(): string {
    return this.session.address;
  }

  async open(params: { readonly deadline: Deadline }): Promise<void> {
    this.session.open(params.deadline);
  }

  async declare(params: { readonly topology: Topology; readonly deadline: Deadline }): Promise<void> {
    this.session.use('declare', params.deadline).exchanges.declare(params.topology);
  }

  async publish(params: {
    readonly publications: readonly Publication[];
    readonly deadline: Deadline;
  }): Promise<readonly PublishOutcome[]> {
    const store = this.session.use('publish', params.deadline);
    const now = this.session.monoNow();
    const outcomes = params.publications.map((publication) => store.accept(publication, now));
    store.results.tell();
    return outcomes;
  }

  async consume(params: ConsumeParams): Promise<Consumer> {
    const { rounds, exchanges, revocations } = this.session.use('consume', params.deadline);
    this.exchanges = exchanges;
    if (rounds.has(params.consumerId)) throw CONSUMER_DUPLICATE.create({ consumerId: params.consumerId });
    const queues = [...new Set(params.queues)].map((name) => exchanges.queue(name, 'consume'));
    const consumer = new MemoryConsumer({ params, queues, rounds, revocations, owner: this });
    this.consumers.add(consumer);
    consumer.begin();
    return consumer;
  }

  async begin(params: Parameters<Broker['begin']>[0]): Promise<void> {
    this.session.use('begin', params.deadline);
    for (const delivery of params.deliveries) this.checkOwn(delivery).counts = true;
  }

  async settle(params: {
    readonly settlements: readonly Settlement[];
    readonly deadline: Deadline;
  }): Promise<readonly SettleOutcome[]> {
    const store = this.session.use('settle', params.deadline);
    const now = this.session.monoNow();
    for (const { delivery } of params.settlements) this.checkOwn(delivery);
    const released: MemoryDelivery[] = [];
    const outcomes = params.settlements.map((settlement) => settleOne(store, settlement, now, released));
    // From the last to the first, so that they are delivered in the order in which they were released.
    for (let at = released.length - 1; at >= 0; at -= 1) {
      const delivery = released[at] as MemoryDelivery;
      delivery.home.pushFront(delivery);
    }
    store.rounds.request();
    store.results.tell();
    return outcomes;
  }

  async unpark({
    queue,
    taskId,
    publication,
    deadline,
  }: Parameters<Broker['unpark']>[0]): Promise<UnparkOutcome> {
    const store = this.session.use('unpark', deadline);
    const home = store.exchanges.find(queue);
    const parked = home?.parkedOf(taskId);
    if (home === undefined || parked === undefined) return { kind: 'absent' };
    const isTaken =
      publication === undefined || store.accept(publication, this.session.monoNow()).kind === 'accepted';
    if (!isTaken) return { kind: 'unroutable' };
    home.unpark(parked);
    store.results.tell();
    return { kind: 'unparked' };
  }

  async purge(params: { readonly queue: string; readonly deadline: Deadline }): Promise<number> {
    return this.session.use('purge', params.deadline).exchanges.queue(params.queue, 'purge').purge();
  }

  async close(): Promise<void> {
    for (const consumer of this.consumers) consumer.end();
    this.session.close();
  }

  /** A consumer of this broker was closed. */
  forget(consumer: MemoryConsumer): void {
    this.consumers.delete(consumer);
  }

  /** The last consumer of a queue was closed. */
  unused(queue: MemoryQueue): void {
    if (queue.autoDelete) this.exchanges?.delete(queue);
  }

  /** @throws LOVAGE_DELIVERY_FOREIGN for an object that no consumer of this broker was handed */
  private checkOwn(delivery: Delivery): MemoryDelivery {
    // One that has ended already may be anybody's: it is lost for all of them.
    if (
      delivery instanceof MemoryDelivery &&
      (delivery.holder === undefined || delivery.holder.owner === this)
    )
      return delivery;
    throw DELIVERY_FOREIGN.create({ queue: delivery.queue, address: this.address });
  }
}
