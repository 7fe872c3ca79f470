import {
  type Consumer,
  type ConsumeParams,
  Deadline,
  OPTION_INVALID,
  QUEUE_UNDECLARED,
  type Timer,
} from '@lovage/core';
import type { RedisLink } from '../connection/redis-link.js';
import type { LeaseKeeper } from '../lease/lease-keeper.js';
import type { RedisStore } from '../redis-store.js';
import { claimScript } from '../scripts/claim.js';
import { leaveScript, registerScript } from '../scripts/leases.js';
import { settleScript } from '../scripts/settle.js';
import { readEnvelope } from '../wire/envelope.js';
import { rewriteEnvelope } from '../wire/rewrite-envelope.js';
import { stepOf } from '../keys.js';
import { type DeliveryHolder, RedisDelivery } from './redis-delivery.js';
import { parkedRecord } from './settle-arguments.js';
import type { WakeListener, Watched } from './wake-listener.js';

/** What a consumer needs of its broker. */
export interface ConsumerSurroundings {
  readonly store: RedisStore;
  /** Claims and settlements, in this order on one connection. */
  readonly link: RedisLink;
  readonly wake: WakeListener;
  readonly leases: LeaseKeeper;
  /** Told when the consumer has ended. */
  readonly onEnd: (consumer: RedisConsumer) => void;
}

/** Claims under way at once: while one batch is worked on the next is on its way. */
const slots = 2;
const mostPerClaim = 1000;
/** Longest time for which an idle consumer trusts that it is woken. */
const watchdogMs = 10_000;
/** The same where the server does not tell of changes. */
const pollMs = 1000;
const callMs = 30_000;
const pauseAfterFailureMs = 200;

/**
 * A subscription to queues.
 *
 * CLAIMING  has room and asks for messages; at most one call for each slot. An answer with fewer than asked for leads to IDLE.
 * IDLE      waits until something changes in one of its queues, a delayed message is due, or the watchdog's time has passed.
 * PAUSED    asks for nothing; what is in hand stays.
 * CLOSED    terminal. What was in hand is given back.
 *
 * Whatever happens between the server and us, a claim has a token of ours: asked again, the server gives the same messages.
 */
export class RedisConsumer implements Consumer, DeliveryHolder {
  /** Names its lease; a new one after each loss. */
  private owner: string;
  private readonly inHand = new Set<RedisDelivery>();
  /** Of those in hand, the ones whose settlement failed. */
  private readonly doubtful = new Set<RedisDelivery>();
  /** Those that were handed to the user, as against those that were only claimed. */
  private readonly handed = new WeakSet<RedisDelivery>();
  /** Slot → number of messages asked for. */
  private readonly claiming = new Map<number, number>();
  private prefetch: number;
  private paused = false;
  private closing: Promise<void> | undefined;
  private registered = false;
  private idle = false;
  private timer: Timer | undefined;
  private rotation = 0;
  private readonly quiet: (() => void)[] = [];
  private readonly queues: readonly string[];
  private readonly watched: Watched;
  /** What told of the next delayed message when this consumer last began to wait. */
  private heads = '';

  constructor(
    private readonly params: ConsumeParams,
    private readonly around: ConsumerSurroundings,
  ) {
    this.prefetch = checkedPrefetch(params.prefetch);
    this.queues = [...new Set(params.queues)];
    this.owner = around.store.newId();
    const { keys } = around.store;
    this.watched = {
      lists: this.queues.flatMap((queue) => keys.lists(queue)),
      heads: this.queues.map((queue) => keys.delayedHead(queue)),
    };
  }

  get consumerId(): string {
    return this.params.consumerId;
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
    this.idle = false;
    this.pump();
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    this.closing ??= this.end(deadline);
    await this.closing;
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
      if (left.length === 0 || this.closed) return;
      this.giveBack(left, Deadline.in(store.clock, callMs)).then(
        () => this.pump(),
        (error: unknown) => store.warn(error),
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
    if (lost.length > 0) this.params.onLost(lost);
    void this.registerAgain();
  }

  pump(): void {
    if (this.closed || this.paused || this.idle || !this.registered) return;
    for (let slot = 1; slot <= slots; slot += 1) {
      if (this.claiming.has(slot)) continue;
      let room = this.prefetch - this.inHand.size;
      for (const asked of this.claiming.values()) room -= asked;
      if (room <= 0) return;
      void this.claim(slot, Math.min(room, Math.ceil(this.prefetch / slots), mostPerClaim));
    }
  }

  private async claim(slot: number, most: number): Promise<void> {
    this.claiming.set(slot, most);
    try {
      const answer = await this.ask(slot, most);
      // The place is free before the messages are handed over, so that what they set free is asked for at once.
      this.claiming.delete(slot);
      if (answer !== undefined) this.take(answer, most);
    } finally {
      this.claiming.delete(slot);
      if (this.claiming.size === 0) for (const resolve of this.quiet.splice(0)) resolve();
    }
    this.pump();
  }

  /** @returns nothing when the consumer has ended or lost its lease meanwhile */
  private async ask(slot: number, most: number): Promise<readonly unknown[] | undefined> {
    const { store, link } = this.around;
    const { owner } = this;
    this.rotation = (this.rotation + 1) % this.queues.length;
    const queues = [...this.queues.slice(this.rotation), ...this.queues.slice(0, this.rotation)];
    const args = [owner, slot, store.newId(), most, store.newId(), queues.length, ...queues];
    for (;;) {
      try {
        const answer = await store.runOn(link, claimScript, Deadline.in(store.clock, callMs), args);
        if (Array.isArray(answer)) return answer as readonly unknown[];
        if (!this.closed) this.around.leases.remove(owner);
        this.leaseLost(owner);
        return undefined;
      } catch (error) {
        // What was claimed is ours under this token; so the same is asked until it is answered.
        store.warn(error);
        if (this.closed || owner !== this.owner) return undefined;
        await new Promise<void>((resolve) => {
          store.clock.after(pauseAfterFailureMs, resolve);
        });
      }
    }
  }

  private take(answer: readonly unknown[], most: number): void {
    const { store } = this.around;
    const [nextDue, revokedCount, problems] = answer;
    for (let at = 0; Array.isArray(problems) && at < problems.length; at += 2) {
      store.warnForeign(String(problems[at]), `a ${String(problems[at + 1])}`, 'a list of messages');
    }
    const revoked = revokedCount === 0 ? false : undefined;
    const deliveries: RedisDelivery[] = [];
    for (let at = 3; at < answer.length; at += 2) {
      const delivery = this.read(String(answer[at]), String(answer[at + 1]), revoked);
      if (delivery !== undefined) deliveries.push(delivery);
    }
    const received = (answer.length - 3) / 2;
    if (received < most) this.rest(nextDue === '' ? undefined : Number(nextDue));
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.inHand.add(delivery);
    // A consumer that is closing gives them back; its user never sees them.
    if (!this.closed) this.hand(deliveries);
  }

  private hand(deliveries: readonly RedisDelivery[]): void {
    for (const delivery of deliveries) this.handed.add(delivery);
    this.params.onDeliveries(deliveries);
  }

  private read(queue: string, text: string, revoked: false | undefined): RedisDelivery | undefined {
    const { envelope, problem } = readEnvelope(text);
    if (envelope !== undefined)
      return new RedisDelivery(envelope, text, queue, this, this.around.store, this.owner, revoked);
    void this.parkUnreadable(queue, text, problem);
    return undefined;
  }

  /** What can not be read is kept where an operator sees it. The claim script has found its tag. */
  private async parkUnreadable(queue: string, text: string, problem: string): Promise<void> {
    const { store, link } = this.around;
    const tag = /"delivery_tag": ?"([^"\\]+)"/.exec(text)?.[1] ?? '';
    const reason = { code: 'LOVAGE_MESSAGE_INVALID', text: `the envelope can not be read: ${problem}` };
    const record = parkedRecord(text, 1, store.clock.wallNow(), reason);
    const one = [1, this.owner, 1, tag];
    const args = [store.newId(), '', '', ...one, 1, tag, 'park', queue, record, 0, 0, 0];
    await store
      .runOn(link, settleScript, Deadline.in(store.clock, callMs), args)
      .catch((error: unknown) => store.warn(error));
  }

  /** Nothing more is there: waits for a change. */
  private rest(nextDueMs: number | undefined): void {
    const { wake, store } = this.around;
    const { clock } = store;
    if (this.closed || this.idle) return;
    this.idle = true;
    const untilDue = nextDueMs === undefined ? Number.POSITIVE_INFINITY : nextDueMs - clock.wallNow();
    this.lookLater(Math.min(untilDue, wake.unavailable ? pollMs : watchdogMs));
    wake.arm(this.watched, this.rouse, Deadline.in(clock, callMs)).then(
      ({ present, heads }) => {
        // What changed between the claim and this moment is told by nobody.
        const changed = heads !== this.heads;
        this.heads = heads;
        if (present || changed) this.rouse();
      },
      () => this.lookLater(Math.min(untilDue, pollMs)),
    );
  }

  private lookLater(afterMs: number): void {
    if (this.closed || !this.idle) return;
    this.timer?.cancel();
    this.timer = this.around.store.clock.after(Math.max(1, afterMs), this.rouse);
  }

  private readonly rouse = (): void => {
    if (!this.idle) return;
    this.idle = false;
    this.timer?.cancel();
    this.pump();
  };

  private async claimsEnded(): Promise<void> {
    if (this.claiming.size === 0) return;
    await new Promise<void>((resolve) => {
      this.quiet.push(resolve);
    });
  }

  private async register(deadline: Deadline): Promise<void> {
    const { store, link, leases } = this.around;
    const { owner, queues } = this;
    const args = [owner, store.settings.leaseMs, JSON.stringify(queues), queues.length, ...queues];
    const missing = (await store.runOn(link, registerScript, deadline, args)) as readonly string[];
    if (missing[0] !== undefined) throw QUEUE_UNDECLARED.create({ queue: missing[0], operation: 'consume' });
    leases.add(owner);
    this.registered = true;
  }

  private async registerAgain(): Promise<void> {
    const { store } = this.around;
    while (!this.closed && !this.registered) {
      try {
        await this.register(Deadline.in(store.clock, callMs));
      } catch (error) {
        store.warn(error);
        await new Promise<void>((resolve) => {
          store.clock.after(pauseAfterFailureMs, resolve);
        });
      }
    }
    this.idle = false;
    this.pump();
  }

  private async end(deadline: Deadline): Promise<void> {
    const { store, link, wake, leases } = this.around;
    this.timer?.cancel();
    wake.disarm(this.watched, this.rouse);
    try {
      // What the server is just giving us must be in hand before it can be given back.
      await deadline.within(this.claimsEnded());
      await this.giveBack([...this.inHand], deadline);
      await store.runOn(link, leaveScript, deadline, [this.owner]);
    } catch (error) {
      // Others get it when the lease has run out.
      store.warn(error);
    } finally {
      leases.remove(this.owner);
      this.inHand.clear();
      this.around.onEnd(this);
    }
  }

  /** From the last to the first, so that they come out again in their old order. */
  private async giveBack(inHand: readonly RedisDelivery[], deadline: Deadline): Promise<void> {
    const { store, link } = this.around;
    const deliveries = inHand.toReversed();
    for (let from = 0; from < deliveries.length; from += mostPerClaim) {
      const part = deliveries.slice(from, from + mostPerClaim);
      const owners = [1, part[0]?.owner ?? '', part.length, ...part.map(({ tag }) => tag)];
      const args: (string | number)[] = [store.newId(), '', '', ...owners, part.length];
      for (const delivery of part) {
        const list = store.keys.list(delivery.queue, stepOf(delivery.message.properties.priority));
        const text = this.handed.has(delivery)
          ? rewriteEnvelope(delivery.text, { tag: store.newId(), deliveries: delivery.deliveries })
          : delivery.text;
        args.push(delivery.tag, 'next', list, text, 0, 0, 0);
      }
      await store.runOn(link, settleScript, deadline, args);
    }
  }
}

function checkedPrefetch(prefetch: number): number {
  if (Number.isInteger(prefetch) && prefetch >= 1) return prefetch;
  throw OPTION_INVALID.create({
    problems: [{ option: 'prefetch', expected: 'an integer from 1', got: prefetch }],
  });
}
