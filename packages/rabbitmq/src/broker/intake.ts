import type { Delivery } from '@lovage/core';
import type { RabbitStore } from '../rabbit-store.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Patience } from './patience.js';
import type { RabbitDelivery } from './rabbit-delivery.js';
import { Window } from './window.js';

export interface IntakeOptions {
  readonly store: RabbitStore;
  readonly counts: DeliveryCounts;
  readonly prefetch: number;
  /** A message came before its time: sends it on its way again, and ends the delivery. */
  readonly onEarly: (delivery: RabbitDelivery) => void;
  /** The server will not wait much longer for the acknowledgement of one that was handed out. */
  readonly onLong: (delivery: RabbitDelivery) => void;
  /** As of a consumer of the port. */
  readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
}

/** A message that came and may not be handed out yet: the notes on its deliveries are being read. */
interface Incoming {
  readonly delivery: RabbitDelivery;
  /** Resolves when they are read; `undefined`: nothing is to be read, or it was. */
  counted: Promise<void> | undefined;
}

/**
 * What a consumer has of its queues: messages that came, in the order in which they did, those of them that wait for a place within
 * the prefetch, and those that were handed out and have not ended.
 */
export class Intake {
  private readonly window: Window<RabbitDelivery>;
  private readonly patience: Patience<RabbitDelivery>;
  /** In hand for long: the server does not count them, or soon will not. */
  private readonly aside = new Set<RabbitDelivery>();
  /** Those of which was told that they are in hand for long. */
  private readonly told = new WeakSet<RabbitDelivery>();
  private prefetch: number;
  private incoming: Incoming[] = [];
  private hasBegun = false;
  private closed = false;
  private handing = false;

  constructor(private readonly options: IntakeOptions) {
    const { store } = options;
    this.prefetch = options.prefetch;
    this.window = new Window(this.prefetch);
    this.patience = new Patience({
      clock: store.clock,
      timeoutMs: store.settings.consumerTimeoutMs,
      oldest: () => this.oldest(),
      onLong: (delivery) => {
        this.told.add(delivery);
        options.onLong(delivery);
      },
    });
  }

  /** Oldest first. */
  get inHand(): readonly RabbitDelivery[] {
    return [...this.aside, ...this.window.inHand];
  }

  holds(delivery: RabbitDelivery): boolean {
    return this.window.inHand.has(delivery) || this.aside.has(delivery);
  }

  /** It is no longer in hand. */
  end(delivery: RabbitDelivery): void {
    if (this.aside.delete(delivery)) this.window.resize(this.room);
    else this.window.end(delivery);
  }

  resize(prefetch: number): void {
    this.prefetch = prefetch;
    this.window.resize(this.room);
    this.handOut();
  }

  /** What the prefetch leaves to those that are not set aside; from 0. */
  get room(): number {
    return Math.max(0, this.prefetch - this.aside.size);
  }

  /** One that is in hand takes its part of the prefetch with it. */
  setAside(delivery: RabbitDelivery): void {
    this.window.end(delivery);
    this.aside.add(delivery);
    this.window.resize(this.room);
  }

  /** Whether deliveries go out. */
  get begun(): boolean {
    return this.hasBegun;
  }

  /** Deliveries go out from now on. */
  begin(): void {
    this.hasBegun = true;
    this.handOut();
  }

  take(delivery: RabbitDelivery): void {
    if (delivery.notBefore !== undefined && delivery.notBefore > this.options.store.clock.wallNow()) {
      this.options.onEarly(delivery);
      return;
    }
    const incoming: Incoming = { delivery, counted: undefined };
    this.incoming.push(incoming);
    if (delivery.returned || delivery.suspect) incoming.counted = this.count(incoming);
    this.soon();
  }

  /** In the order in which they came. */
  handOut(): void {
    if (this.closed || !this.hasBegun) return;
    let ready = 0;
    while (ready < this.incoming.length && this.incoming[ready]?.counted === undefined) ready += 1;
    for (const { delivery } of this.incoming.splice(0, ready)) this.window.add(delivery);
    const batch = this.window.take();
    if (batch.length === 0) return;
    const now = this.options.store.clock.monoNow();
    for (const delivery of batch) delivery.since = now;
    this.patience.watch();
    this.options.onDeliveries(batch);
  }

  /** Resolves when the notes on all that came have been read. */
  async untilCounted(): Promise<void> {
    await Promise.all(this.incoming.map(async ({ counted }) => await counted));
    this.handOut();
  }

  /** What waits for a place, taken out to be given back, with a note that nobody was handed it. */
  async surplus(): Promise<readonly RabbitDelivery[]> {
    const waiting = this.window.giveBack();
    await this.noteUnseen(waiting);
    return waiting;
  }

  /** At the end: nobody was handed these, and the notes say so to the next. */
  async noteRest(): Promise<void> {
    const waiting = [...this.window.giveBack(), ...this.incoming.map(({ delivery }) => delivery)];
    await this.noteUnseen(waiting.filter(({ returned, count }) => !returned || count !== undefined));
  }

  /** Forgets everything but what is kept elsewhere; gives what was in hand. */
  clear(): readonly RabbitDelivery[] {
    this.incoming = [];
    const lost = [...this.aside].filter(({ deposit }) => deposit === undefined);
    for (const delivery of lost) this.aside.delete(delivery);
    this.window.resize(this.room);
    return [...lost, ...this.window.clear()];
  }

  /** Nothing is handed out any more. */
  close(): void {
    this.closed = true;
    this.patience.close();
  }

  private oldest(): RabbitDelivery | undefined {
    for (const delivery of this.window.inHand) if (!this.told.has(delivery)) return delivery;
    return undefined;
  }

  private async count(incoming: Incoming): Promise<void> {
    await this.options.counts.taken(incoming.delivery);
    incoming.counted = undefined;
    this.handOut();
  }

  /** Once for all messages that the socket has brought together. */
  private soon(): void {
    if (this.handing) return;
    this.handing = true;
    queueMicrotask(() => {
      this.handing = false;
      this.handOut();
    });
  }

  private async noteUnseen(deliveries: readonly RabbitDelivery[]): Promise<void> {
    const { counts } = this.options;
    await Promise.all(deliveries.map(async (delivery) => await counts.unseen(delivery)));
  }
}
