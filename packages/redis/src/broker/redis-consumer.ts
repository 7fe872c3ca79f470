import {
  type Consumer,
  type ConsumeParams,
  type Deadline,
  OPTION_INVALID,
  QUEUE_UNDECLARED,
  STORE_CLOSED,
  STORE_REFUSED,
} from '@lovage/core';
import { claimScript } from '../scripts/claim.js';
import { leaveScript, registerScript } from '../scripts/leases.js';
import { settleScript } from '../scripts/settle.js';
import { readEnvelope } from '../wire/envelope.js';
import { type ClaimAnswer, readClaimAnswer } from './claim-answer.js';
import { ConsumerRest, type PreparedRest } from './consumer-rest.js';
import type { ConsumerSurroundings } from './consumer-surroundings.js';
import { giveBack } from './give-back.js';
import { HandOver } from './hand-over.js';
import { insist } from './insist.js';
import { parkArguments } from './park-unreadable.js';
import {
  type DeliveryHolder,
  keptDelivery,
  type KeepingSettlement,
  RedisDelivery,
} from './redis-delivery.js';
import type { Host } from './staying.js';

/** Claims under way at once: while one batch is worked on the next is on its way. */
const slots = 2;
const mostPerClaim = 1000;
/**
 * A subscription to queues.
 *
 * CLAIMING  has room and asks for messages; at most one call for each slot. An answer with fewer than asked for leads to IDLE.
 * IDLE      waits until something changes in one of its queues, a delayed message is due, or the watchdog's time has passed.
 * PAUSED    asks for nothing; what is in hand stays.
 * CLOSED    terminal. What was in hand is given back.
 *
 * Whatever happens between the server and us, a claim has a number of ours: asked again, the server gives the same messages.
 */
export class RedisConsumer implements Consumer, DeliveryHolder {
  /** Names its lease; a new one after each loss. */
  private owner: string;
  private readonly inHand = new Set<RedisDelivery>();
  /** Of those in hand, the ones whose settlement failed. */
  private readonly doubtful = new Set<RedisDelivery>();
  /** Slot → number of messages asked for. */
  private readonly claiming = new Map<number, number>();
  /** Most messages that may stay with it by settlements under way. */
  private staying = 0;
  private prefetch: number;
  private paused = false;
  private closing: Promise<void> | undefined;
  private registered = false;
  private registering: Promise<void> | undefined;
  /** Its queues have been found declared. */
  private begun = false;
  private readonly rest: ConsumerRest;
  private rotation = 0;
  /** Of the last claim. */
  private slot = 0;
  /** The last claim was filled. */
  private plenty = false;
  private claims = 0;
  private readonly quiet: (() => void)[] = [];
  private readonly handOver: HandOver<RedisDelivery>;
  /** Each once. */
  readonly queues: readonly string[];

  constructor(
    private readonly params: ConsumeParams,
    private readonly around: ConsumerSurroundings,
  ) {
    this.prefetch = checkedPrefetch(params.prefetch);
    this.queues = [...new Set(params.queues)];
    this.owner = around.store.newId();
    this.rest = new ConsumerRest(this.queues, around, () => this.pump());
    this.handOver = new HandOver(around.store.clock, {
      onBatch: (batch) => this.hand(batch),
      onEmpty: () => this.tellQuiet(),
    });
  }

  get consumerId(): string {
    return this.params.consumerId;
  }

  get suspectFrom(): number | undefined {
    return this.params.suspectFrom;
  }

  get closed(): boolean {
    return this.closing !== undefined;
  }

  /** @throws LOVAGE_QUEUE_UNDECLARED */
  async begin(): Promise<void> {
    await this.register(this.params.deadline);
    this.pump();
  }

  setPrefetch(prefetch: number): void {
    this.prefetch = checkedPrefetch(prefetch);
    this.pump();
  }

  async pause(): Promise<void> {
    this.paused = true;
    await this.claimsEnded();
  }

  resume(): void {
    this.paused = false;
    this.rest.leave();
    this.pump();
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    this.closing ??= this.end(deadline);
    await this.closing;
  }

  /** Ends without a word. */
  destroy(): void {
    this.closing ??= Promise.resolve();
    this.rest.close();
  }

  ending(deliveries: Iterable<RedisDelivery>): void {
    for (const delivery of deliveries) {
      this.inHand.delete(delivery);
      this.doubtful.delete(delivery);
    }
  }

  unsettled(deliveries: readonly RedisDelivery[]): void {
    const { store } = this.around;
    const own = deliveries.filter(({ owner }) => owner === this.owner);
    for (const delivery of own) {
      this.inHand.add(delivery);
      this.doubtful.add(delivery);
    }
    // Whoever settles may try again. Of what is given up nobody would ever hear: others get it, where it is still ours.
    store.clock.after(store.settings.leaseMs, () => {
      const left = own.filter((delivery) => this.doubtful.delete(delivery) && this.inHand.delete(delivery));
      if (left.length === 0) return;
      void this.insist(left[0]?.owner, async (deadline) => await giveBack(this.around, left, deadline)).then(
        () => this.pump(),
      );
    });
  }

  /** Its lease is gone: others get what it had. It goes on under a new one. */
  leaseLost(owner: string): void {
    if (owner !== this.owner || this.closed) return;
    this.registered = false;
    this.owner = this.around.store.newId();
    const lost = [...this.inHand];
    this.inHand.clear();
    this.doubtful.clear();
    for (const delivery of lost) delivery.lost = true;
    if (lost.length > 0) this.params.onLost(lost);
    void this.registerAgain();
  }

  /** A message for one of its queues is on its way on the connection on which it asks: it need not wait to be woken. */
  expect(queues: ReadonlySet<string>): void {
    if (this.rest.resting && this.queues.some((queue) => queues.has(queue))) this.rest.rouse();
  }

  /** Half of its places, since what waits behind others here could begin elsewhere. */
  get host(): Host | undefined {
    // Whatever else is there comes first: so a chain holds up nobody.
    if (!this.rest.resting || this.claiming.size > 0 || this.closed || this.paused || !this.registered)
      return undefined;
    const room = Math.ceil(this.prefetch / slots) - this.inHand.size - this.staying;
    return room > 0 ? { owner: this.owner, room } : undefined;
  }

  async keep({ most, answered, again, read }: KeepingSettlement): Promise<void> {
    const { store } = this.around;
    const { owner } = this;
    this.staying += most;
    try {
      // Nobody else knows of what stays. Where the server refuses, nothing does.
      const answer = await answered.catch(async (error: unknown) =>
        STORE_REFUSED.is(error) ? undefined : await this.insist(owner, again),
      );
      if (answer === undefined || owner !== this.owner) return;
      const { messages, revoked } = read(answer);
      if (messages.length < most) this.rest.rouse();
      this.receive(messages.map((message) => keptDelivery(message, this, store, owner, revoked)));
    } finally {
      this.staying -= most;
      this.tellQuiet();
    }
    this.pump();
  }

  pump(): void {
    if (this.closed || this.paused || this.rest.resting || !this.registered) return;
    // Where there may be nothing one question is enough; an answer as full as it can be leads to two at once.
    while (this.claiming.size < (this.plenty ? slots : 1)) {
      // In turn: the server remembers the last claim of each.
      this.slot = (this.slot % slots) + 1;
      if (this.claiming.has(this.slot)) continue;
      let room = this.prefetch - this.inHand.size - this.staying;
      for (const asked of this.claiming.values()) room -= asked;
      if (room <= 0) return;
      void this.claim(this.slot, Math.min(room, Math.ceil(this.prefetch / slots), mostPerClaim));
    }
  }

  private async claim(slot: number, most: number): Promise<void> {
    this.claiming.set(slot, most);
    try {
      const asked = this.ask(slot, most);
      const rest = this.plenty ? undefined : this.rest.prepare();
      const answer = await asked;
      // The place is free before the messages are handed over, so that what they set free is asked for at once.
      this.claiming.delete(slot);
      if (answer !== undefined) this.take(readClaimAnswer(answer), most, rest);
    } finally {
      this.claiming.delete(slot);
      this.tellQuiet();
    }
    this.pump();
  }

  /** @returns nothing when the consumer has ended or lost its lease meanwhile */
  private async ask(slot: number, most: number): Promise<readonly unknown[] | undefined> {
    const { store, link } = this.around;
    const { owner } = this;
    const inOrder = this.params.queueOrder === 'priority';
    this.rotation = inOrder ? 0 : (this.rotation + 1) % this.queues.length;
    const queues = [...this.queues.slice(this.rotation), ...this.queues.slice(0, this.rotation)];
    this.claims += 1;
    const args = [owner, slot, this.claims, most, store.newId(), inOrder ? 1 : 0, queues.length, ...queues];
    // What was claimed is ours under this number; so the same is asked until it is answered.
    const answer = await this.insist(
      owner,
      async (deadline) => await store.runOn(link, claimScript, deadline, args),
    );
    // Under a lease that was lost meanwhile: others get it.
    if (owner !== this.owner) return undefined;
    if (Array.isArray(answer)) return answer as readonly unknown[];
    if (answer === undefined) return undefined;
    if (!this.closed) this.around.leases.remove(owner);
    this.leaseLost(owner);
    return undefined;
  }

  /**
   * Says the same to the server until it has answered: nobody else knows of what hangs on it. Ends without an answer when the
   * consumer was closed or has lost this lease, for then others get what it had.
   */
  private async insist<T>(
    owner: string | undefined,
    call: (deadline: Deadline) => Promise<T>,
  ): Promise<T | undefined> {
    const { store } = this.around;
    return await insist(store, () => this.closed || owner !== this.owner, call);
  }

  private take(
    { untilDueMs = Number.POSITIVE_INFINITY, damaged, revoked, entries }: ClaimAnswer,
    most: number,
    rest: PreparedRest | undefined,
  ): void {
    const { store } = this.around;
    for (const { key, holds } of damaged)
      store.warnForeign(key, `a ${holds}`, 'what Celery or Lovage keeps there');
    const deliveries: RedisDelivery[] = [];
    for (const { queue, tag, text } of entries) {
      const { envelope, problem } = readEnvelope(text);
      if (envelope === undefined) void this.parkUnreadable(queue, tag, text, problem);
      else deliveries.push(new RedisDelivery(envelope, tag, text, queue, this, store, this.owner, revoked));
    }
    this.plenty = entries.length >= most;
    if (!this.plenty || damaged.length > 0) this.rest.begin(untilDueMs, damaged.length > 0, rest);
    this.receive(deliveries);
  }

  private receive(deliveries: readonly RedisDelivery[]): void {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.inHand.add(delivery);
    this.handOver.add(deliveries);
  }

  private hand(batch: readonly RedisDelivery[]): void {
    // A consumer that is closing gives them back; its user never sees them. Some may be lost meanwhile.
    const left = this.closed ? [] : batch.filter((delivery) => this.inHand.has(delivery));
    for (const delivery of left) delivery.handed = true;
    if (left.length > 0) this.params.onDeliveries(left);
  }

  /** Nothing is on its way to the user. */
  private get quietNow(): boolean {
    return this.claiming.size === 0 && this.staying === 0 && !this.handOver.busy;
  }

  private tellQuiet(): void {
    if (!this.quietNow) return;
    for (const resolve of this.quiet.splice(0)) resolve();
  }

  private async parkUnreadable(queue: string, tag: string, text: string, problem: string): Promise<void> {
    const { around, owner } = this;
    const args = parkArguments(around.store, { owner, queue, tag, text, problem });
    await this.insist(
      owner,
      async (deadline) => await around.store.runOn(around.link, settleScript, deadline, args),
    );
  }

  private async claimsEnded(): Promise<void> {
    if (this.quietNow) return;
    await new Promise<void>((resolve) => {
      this.quiet.push(resolve);
    });
  }

  private async register(deadline: Deadline): Promise<void> {
    if (this.closed) throw this.closedError();
    const registering = this.registerNow(deadline);
    this.registering = registering;
    try {
      await registering;
    } finally {
      if (this.registering === registering) this.registering = undefined;
    }
    if (this.closed) throw this.closedError();
  }

  private closedError(): Error {
    const { address } = this.around.store;
    return STORE_CLOSED.create({ port: 'consumer', operation: 'consume', address, state: 'closed' });
  }

  private async registerNow(deadline: Deadline): Promise<void> {
    const { store, link, leases } = this.around;
    const { owner, queues, suspectFrom = '' } = this;
    const { leaseMs } = store.settings;
    const args = [owner, leaseMs, JSON.stringify(queues), suspectFrom, queues.length, ...queues];
    let missing = (await store.runOn(link, registerScript, deadline, args)) as readonly string[];
    if (missing.length > 0 && (this.begun || this.around.autoDeleted(missing))) {
      // Who has deleted everything has deleted this too: nobody could send anything any more. And what ends with its last consumer may have
      // ended with another one since it was declared.
      await this.around.declareAgain(missing, deadline);
      missing = (await store.runOn(link, registerScript, deadline, args)) as readonly string[];
    }
    if (missing[0] !== undefined) throw QUEUE_UNDECLARED.create({ queue: missing[0], operation: 'consume' });
    // The end waits for this, and then ends the lease.
    if (this.closed) return;
    leases.add(owner);
    this.registered = true;
    this.begun = true;
  }

  private async registerAgain(): Promise<void> {
    const { store } = this.around;
    const over = (): boolean => this.closed;
    while (!this.closed && !this.registered)
      await insist(store, over, async (deadline) => await this.register(deadline));
    this.rest.leave();
    this.pump();
  }

  private async end(deadline: Deadline): Promise<void> {
    const { store, link, leases } = this.around;
    this.rest.close();
    try {
      if (this.registering !== undefined) await deadline.within(this.registering);
      // What the server is just giving us must be in hand before it can be given back.
      await deadline.within(this.claimsEnded());
      await giveBack(this.around, [...this.inHand], deadline);
      await store.runOn(link, leaveScript, deadline, [this.owner]);
    } catch (error) {
      // Others get it when the lease has run out.
      store.warn(error);
    } finally {
      leases.remove(this.owner);
      this.inHand.clear();
      await this.around.onEnd(this, deadline).catch((error: unknown) => store.warn(error));
    }
  }
}

function checkedPrefetch(prefetch: number): number {
  if (Number.isInteger(prefetch) && prefetch >= 1) return prefetch;
  throw OPTION_INVALID.create({
    problems: [{ option: 'prefetch', expected: 'an integer from 1', got: prefetch }],
  });
}
