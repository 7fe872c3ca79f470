import {
  type Broker,
  type BrokerCapabilities,
  type Consumer,
  type ConsumeParams,
  CONSUMER_DUPLICATE,
  type Deadline,
  DELIVERY_FOREIGN,
  EXCHANGE_UNDECLARED,
  type Publication,
  type PublishOutcome,
  QUEUE_UNDECLARED,
  type Settlement,
  type SettleOutcome,
  StoreSession,
  TOPOLOGY_CONFLICT,
  type Topology,
  type UnparkOutcome,
} from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import { LeaseKeeper } from '../lease/lease-keeper.js';
import type { RedisStore } from '../redis-store.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { beginScript } from '../scripts/begin.js';
import { claimScript } from '../scripts/claim.js';
import { publishScript } from '../scripts/publish.js';
import { settleScript } from '../scripts/settle.js';
import { declareScript, purgeScript } from '../scripts/topology.js';
import { unparkScript } from '../scripts/unpark.js';
import { bindingMember, type BoundExchange, readBindings } from './bindings.js';
import { checkNames, checkTypes } from './check-topology.js';
import { FanoutRelay } from './fanout-relay.js';
import { findParked } from './find-parked.js';
import { type GroupingContext, namedExchanges, PublicationGroups } from './publication-groups.js';
import { Recovery } from './recovery.js';
import type { EndedConsumer } from './consumer-surroundings.js';
import { RedisConsumer } from './redis-consumer.js';
import { isLost, RedisDelivery } from './redis-delivery.js';
import { SettleArguments } from './settle-arguments.js';
import { ownersOf } from './settle-head.js';
import { readSettleAnswer, readStayed } from './settle-answer.js';
import type { Stayed } from './staying.js';
import { WakeListener } from './wake-listener.js';

interface Batch {
  readonly groups: PublicationGroups;
  readonly args: readonly LuaArgument[];
}

/** A broker on Redis, in kombu's lists. */
export class RedisBroker implements Broker {
  readonly capabilities: BrokerCapabilities = {
    delayedDelivery: true,
    atomicSettle: true,
    priorityOrder: 'low-first',
    queueOrder: true,
    exchangeTypes: ['direct', 'topic', 'fanout'],
    releasesNext: true,
    durable: true,
  };
  private readonly session: StoreSession<RedisStore>;
  private readonly consumers = new Map<string, RedisConsumer>();
  /** Claims and settlements, apart from everything else: a slow publish must not hold them up. */
  private readonly link: RedisLink;
  private readonly wake: WakeListener;
  private readonly leases: LeaseKeeper;
  private readonly recovery: Recovery;
  private readonly fanout: FanoutRelay;
  /** Batches whose publish failed: sent again they must be the same, so that the server recognises them. */
  private readonly failed = new WeakMap<readonly Publication[], Batch>();
  /** The same for settlements. */
  private readonly unanswered = new WeakMap<readonly Settlement[], SettleArguments>();
  private consuming: Promise<void> | undefined;
  /** Queues that this process has declared and that end with their last consumer: a consumer that lost its lease needs them again. */
  private readonly autoDeleted = new Map<string, Topology>();

  constructor(private readonly store: RedisStore) {
    this.session = new StoreSession(store, 'broker');
    this.wake = new WakeListener(store);
    this.link = store.newLink('consume', {
      prepare: async (redis) => {
        // Known beforehand: a script that must be sent a second time, with its text, would be overtaken by the next call.
        await Promise.all(
          [settleScript, claimScript].map(async ({ text }) => await redis.script('LOAD', text)),
        );
        await this.wake.track(redis);
      },
      // Nobody would be woken by what it had read.
      onLost: () => this.wake.wakeAll(),
    });
    this.wake.readFrom(this.link);
    this.leases = new LeaseKeeper(store, (owner) => this.leaseLost(owner));
    this.recovery = new Recovery(store);
    this.fanout = new FanoutRelay(store);
  }

  get storeId(): string {
    return this.store.storeId;
  }

  get address(): string {
    return this.store.address;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
  }

  async declare({
    topology: { exchanges = [], queues = [], bindings = [] },
    deadline,
  }: {
    readonly topology: Topology;
    readonly deadline: Deadline;
  }): Promise<void> {
    const store = this.session.use('declare', deadline);
    checkTypes(exchanges);
    checkNames([...queues.map(({ name }) => name), ...bindings.map(({ queue }) => queue)]);
    const types = new Map(exchanges.map(({ name, type }) => [name, type]));
    const unknown = new Set(bindings.map(({ exchange }) => exchange).filter((name) => !types.has(name)));
    for (const [name, bound] of await readBindings(store, unknown, deadline)) {
      if (bound.type !== undefined) types.set(name, bound.type);
    }
    const args: LuaArgument[] = [exchanges.length];
    for (const { name, type } of exchanges) args.push(name, type);
    args.push(queues.length);
    for (const { name, autoDelete = false } of queues) args.push(name, autoDelete ? 1 : 0);
    args.push(bindings.length);
    for (const { queue, exchange, routingKey } of bindings) {
      args.push(exchange, queue, bindingMember(types.get(exchange), routingKey, queue));
    }
    const [problem, exchange = '', other = ''] = (await store.run(
      declareScript,
      deadline,
      args,
    )) as readonly string[];
    if (problem === 'type') {
      throw TOPOLOGY_CONFLICT.create({ exchange, problem: `it has been declared as ${other} before` });
    }
    if (problem === 'exchange') throw EXCHANGE_UNDECLARED.create({ exchange, queue: other });
    if (problem === 'queue') throw QUEUE_UNDECLARED.create({ queue: other, operation: 'bind' });
    for (const queue of queues) {
      if (queue.autoDelete !== true) continue;
      this.autoDeleted.set(queue.name, {
        queues: [queue],
        bindings: bindings.filter((binding) => binding.queue === queue.name),
      });
    }
    await this.fanout.refresh(deadline);
  }

  async publish({
    publications,
    deadline,
  }: {
    readonly publications: readonly Publication[];
    readonly deadline: Deadline;
  }): Promise<readonly PublishOutcome[]> {
    const store = this.session.use('publish', deadline);
    if (publications.length === 0) return [];
    const batch = this.failed.get(publications) ?? (await this.batchOf(publications, deadline));
    try {
      return batch.groups.outcomes(
        (await store.run(publishScript, deadline, batch.args)) as readonly number[],
      );
    } catch (error) {
      this.failed.set(publications, batch);
      throw error;
    }
  }

  async consume(params: ConsumeParams): Promise<Consumer> {
    const store = this.session.use('consume', params.deadline);
    const { consumerId } = params;
    if (this.consumers.has(consumerId)) throw CONSUMER_DUPLICATE.create({ consumerId });
    const consumer = new RedisConsumer(params, {
      store,
      link: this.link,
      wake: this.wake,
      leases: this.leases,
      onEnd: async (ended, deadline) => await this.ended(ended, deadline),
      autoDeleted: (queues) => queues.every((name) => this.autoDeleted.has(name)),
      declareAgain: async (missing, deadline) => await this.declareAgain(missing, deadline),
    });
    this.consumers.set(consumerId, consumer);
    try {
      this.consuming ??= this.openForConsumers(params.deadline);
      await this.consuming;
      await this.fanout.follow(params.queues, params.deadline);
      await consumer.begin();
    } catch (error) {
      this.consuming = this.consumers.size > 1 ? this.consuming : undefined;
      this.consumers.delete(consumerId);
      throw error;
    }
    return consumer;
  }

  async begin({ deliveries, deadline }: Parameters<Broker['begin']>[0]): Promise<void> {
    const store = this.session.use('begin', deadline);
    const own = deliveries.map((delivery) => this.checkOwn(delivery));
    const suspects = own.filter(({ isSuspect, lost }) => isSuspect && !lost);
    if (suspects.length === 0) return;
    for (const delivery of suspects) delivery.begun = true;
    await store.runOn(this.link, beginScript, deadline, ownersOf(suspects));
  }

  async settle({
    settlements,
    deadline,
  }: {
    readonly settlements: readonly Settlement[];
    readonly deadline: Deadline;
  }): Promise<readonly SettleOutcome[]> {
    const store = this.session.use('settle', deadline);
    if (settlements.length === 0) return [];
    for (const { delivery } of settlements) this.checkOwn(delivery);
    const before = this.unanswered.get(settlements);
    if (before === undefined && settlements.some(isLost)) return await this.settleRest(settlements, deadline);
    const named = namedExchanges(settlements.flatMap(({ publishes }) => publishes));
    const exchanges = named.size === 0 ? noExchanges : await readBindings(store, named, deadline);
    const following = queuesOf(settlements);
    const deliveries = new Set(settlements.map(({ delivery }) => delivery as RedisDelivery));
    const consumers = new Set([...deliveries].map(({ consumer }) => consumer));
    const [host] = consumers.size === 1 && following !== undefined ? consumers : [];
    // Their places are free for what follows.
    for (const consumer of consumers) consumer.ending(deliveries);
    const context = this.context(exchanges);
    const written = before ?? new SettleArguments(settlements, store.newId(), context, host);
    const run = written.hasJoins ? 'runBufferOn' : 'runOn';
    const settle = async (by: Deadline): Promise<unknown> =>
      await store[run](this.link, settleScript, by, written.args);
    const answered = settle(deadline);
    if (host !== undefined && written.mayStay > 0 && before === undefined) {
      const read = (answer: unknown): Stayed => readStayed(answer, written);
      void host.keep({ most: written.mayStay, answered, again: settle, read });
    }
    // What they set free is asked for at once, behind the settlement on the same connection.
    for (const consumer of consumers) {
      if (following !== undefined && written.mayStay === 0) consumer.expect(following);
      consumer.pump();
    }
    try {
      const outcomes = readSettleAnswer(await answered, written);
      if (written.hasJoins) this.keepUnsettled(settlements, outcomes);
      return outcomes;
    } catch (error) {
      this.unanswered.set(settlements, written);
      for (const delivery of deliveries) delivery.consumer.unsettled([delivery]);
      throw error;
    }
  }

  /** What was told to be lost is not settled any more, also where nobody else has taken it yet. */
  private async settleRest(
    settlements: readonly Settlement[],
    deadline: Deadline,
  ): Promise<readonly SettleOutcome[]> {
    const held = settlements.filter((settlement) => !isLost(settlement));
    const outcomes = await this.settle({ settlements: held, deadline });
    let next = 0;
    return settlements.map((settlement) =>
      isLost(settlement) ? { kind: 'lost' } : (outcomes[next++] as SettleOutcome),
    );
  }

  /** Deliveries that have completed a chord are settled once more; should that never happen, others get them. */
  private keepUnsettled(settlements: readonly Settlement[], outcomes: readonly SettleOutcome[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind !== 'complete') continue;
      const delivery = settlements[index]?.delivery as RedisDelivery;
      delivery.consumer.unsettled([delivery]);
    }
  }

  async unpark({
    queue,
    taskId,
    publication,
    deadline,
  }: Parameters<Broker['unpark']>[0]): Promise<UnparkOutcome> {
    const store = this.session.use('unpark', deadline);
    const record = await findParked(store, queue, taskId, deadline);
    if (record === undefined) return { kind: 'absent' };
    const publications = publication === undefined ? [] : [publication];
    const { groups } = await this.batchOf(publications, deadline);
    const args: LuaArgument[] = [store.newId(), queue, record, groups.sentTtl];
    groups.writeTo(args as (string | number)[]);
    const answer = Number(await store.run(unparkScript, deadline, args));
    return { kind: answer === 1 ? 'unparked' : answer === 0 ? 'absent' : 'unroutable' };
  }

  async purge({ queue, deadline }: { readonly queue: string; readonly deadline: Deadline }): Promise<number> {
    const count = Number(await this.session.use('purge', deadline).run(purgeScript, deadline, [queue]));
    if (count < 0) throw QUEUE_UNDECLARED.create({ queue, operation: 'purge' });
    return count;
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    if (!this.session.close()) return;
    await Promise.all(
      [...this.consumers.values()].map(async (consumer) => await consumer.close({ deadline })),
    );
    await Promise.all([this.recovery.close(deadline), this.fanout.close(deadline)]);
    this.destroy();
    await this.session.released(deadline);
  }

  /** Drops its connections without a word. */
  destroy(): void {
    for (const consumer of this.consumers.values()) consumer.destroy();
    this.recovery.destroy();
    this.fanout.destroy();
    this.leases.close();
    this.wake.close();
    this.link.close();
  }

  private async openForConsumers(deadline: Deadline): Promise<void> {
    const openLinks = async (): Promise<void> => {
      await this.wake.open(deadline);
      await this.link.open(deadline);
    };
    await Promise.all([openLinks(), this.leases.open(deadline)]);
    this.recovery.start();
  }

  private async batchOf(publications: readonly Publication[], deadline: Deadline): Promise<Batch> {
    const named = namedExchanges(publications);
    const exchanges = named.size === 0 ? noExchanges : await readBindings(this.store, named, deadline);
    const groups = new PublicationGroups(publications, this.context(exchanges));
    const args: (string | number)[] = [this.store.newId(), groups.sentTtl];
    groups.writeTo(args);
    return { groups, args };
  }

  private context(exchanges: ReadonlyMap<string, BoundExchange>): GroupingContext {
    const { keys, newId, clock, settings } = this.store;
    const { pythonQueues, target } = settings;
    return { keys, newId, now: clock.wallNow(), exchanges, pythonQueues, db: target.options.db ?? 0 };
  }

  /** Queues that somebody has deleted, or that have ended while nobody had a lease. */
  private async declareAgain(missing: readonly string[], deadline: Deadline): Promise<void> {
    const queues = missing.filter((name) => !this.autoDeleted.has(name)).map((name) => ({ name }));
    await this.declare({ topology: { queues }, deadline });
    for (const name of missing) {
      const topology = this.autoDeleted.get(name);
      if (topology !== undefined) await this.declare({ topology, deadline });
    }
  }

  private async ended(consumer: EndedConsumer, deadline: Deadline): Promise<void> {
    this.consumers.delete(consumer.consumerId);
    const still = new Set([...this.consumers.values()].flatMap(({ queues }) => queues));
    const gone = consumer.queues.filter((name) => !still.has(name));
    if (gone.length > 0) await this.fanout.leave(gone, deadline);
  }

  private leaseLost(owner: string): void {
    for (const consumer of this.consumers.values()) consumer.leaseLost(owner);
  }

  /** @throws LOVAGE_DELIVERY_FOREIGN for an object that no consumer of this broker was handed */
  private checkOwn(delivery: unknown): RedisDelivery {
    if (delivery instanceof RedisDelivery && delivery.store === this.store) return delivery;
    const queue = (delivery as { readonly queue?: unknown } | undefined)?.queue;
    throw DELIVERY_FOREIGN.create({ queue: String(queue), address: this.address });
  }
}

/** The queues that messages of settlements go to; `undefined`: none, as nearly always. */
function queuesOf(settlements: readonly Settlement[]): ReadonlySet<string> | undefined {
  let queues: Set<string> | undefined;
  for (const { publishes } of settlements) {
    for (const { exchange, routingKey, notBefore } of publishes) {
      if (exchange !== '' || notBefore !== undefined) continue;
      queues ??= new Set();
      queues.add(routingKey);
    }
  }
  return queues;
}

const noExchanges: ReadonlyMap<string, BoundExchange> = new Map();
