import type { ConsumeMessage } from 'amqplib';
import {
  type Consumer,
  type ConsumeParams,
  Deadline,
  isLovageError,
  OPTION_INVALID,
  STORE_WARNING,
  type Timer,
} from '@lovage/core';
import { answerOf, failureKind, refusal, textOf } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';
import type { Declarations } from '../topology/declarations.js';
import { ConsumerChannel } from './consumer-channel.js';
import type { DeliveryCounts } from './delivery-counts.js';
import { Intake } from './intake.js';
import { LongDeliveries } from './long-deliveries.js';
import { MissingQueues } from './missing-queues.js';
import type { Publisher } from './publisher.js';
import { type DeliveryHolder, RabbitDelivery } from './rabbit-delivery.js';

/** What a consumer needs of its broker. */
export interface ConsumerSurroundings {
  readonly store: RabbitStore;
  readonly link: AmqpLink;
  readonly declarations: Declarations;
  readonly counts: DeliveryCounts;
  readonly publisher: Publisher;
  /** A message came before its time: sends it on its way again, and ends the delivery. */
  readonly onEarly: (delivery: RabbitDelivery) => void;
  /** Told when the consumer has ended. */
  readonly onEnd: (consumer: RabbitConsumer) => void;
}

const stepMs = 30_000;
const firstPauseMs = 20;
const longestPauseMs = 1000;

/**
 * A subscription to queues.
 *
 * It has a wish (queues, prefetch, paused or not) and a channel, and one loop that brings the channel to the wish; whatever
 * happens (a lost connection, a deleted queue, a changed wish) only wakes the loop.
 *
 * CONSUMING  messages come, up to the prefetch.
 * PAUSED     no subscription; what is in hand stays.
 * LOST       the channel has ended: what was in hand is told as lost; the loop makes a new one, with growing pauses.
 * CLOSED     terminal. What was in hand is given back by the server, as the channel ends.
 */
export class RabbitConsumer implements Consumer, DeliveryHolder {
  private readonly intake: Intake;
  private readonly long: LongDeliveries;
  private channel: ConsumerChannel | undefined;
  private paused = false;
  private closed = false;
  private closing: Promise<void> | undefined;
  private running: Promise<void> | undefined;
  /** Something has changed since the loop has last looked. */
  private changed = false;
  private pauseMs = firstPauseMs;
  private wake: (() => void) | undefined;
  /** Queues that were deleted under it. */
  private readonly missing: MissingQueues;
  /** Looks for them again. */
  private retry: Timer | undefined;

  constructor(
    private readonly params: ConsumeParams,
    private readonly around: ConsumerSurroundings,
  ) {
    const { store, counts, publisher, onEarly } = around;
    const { onDeliveries } = params;
    this.missing = new MissingQueues(around);
    this.intake = new Intake({
      store,
      counts,
      prefetch: checkedPrefetch(params.prefetch),
      onEarly,
      onLong: (delivery) => void this.long.keep(delivery),
      onDeliveries,
    });
    this.long = new LongDeliveries({
      store,
      publisher,
      intake: this.intake,
      adjust: async () => await this.adjust(),
      onLost: params.onLost,
    });
  }

  get consumerId(): string {
    return this.params.consumerId;
  }

  /** Oldest first. */
  get inHand(): readonly RabbitDelivery[] {
    return this.intake.inHand;
  }

  /** First subscription. @throws what the server says against it */
  async begin(): Promise<void> {
    try {
      await this.firstStep(this.params.deadline);
      // Once `consume` has resolved.
      this.around.store.clock.endOfTurn(() => {
        this.intake.begin();
        // The channel may have been lost meanwhile.
        void this.adjust();
      });
    } catch (error) {
      await this.end(this.params.deadline);
      throw error;
    }
  }

  /** Again and again while connections are lost, or queues end that do so by themselves. */
  private async firstStep(deadline: Deadline): Promise<void> {
    const { declarations } = this.around;
    for (;;) {
      try {
        await this.step(deadline);
        return;
      } catch (error) {
        if (isLovageError(error)) throw error;
        const kind = failureKind(error);
        const ended =
          kind === 'missing' && this.params.queues.some((queue) => declarations.isFleeting(queue));
        if (kind !== 'lost' && !ended) throw error;
        if (deadline.passed || this.closed) throw this.around.link.unreachable('consume', error);
      }
      await this.channel?.close(deadline);
      await this.rest();
    }
  }

  setPrefetch(prefetch: number): void {
    this.intake.resize(checkedPrefetch(prefetch));
    void this.adjust();
  }

  async pause(): Promise<void> {
    this.paused = true;
    await this.adjust();
  }

  resume(): void {
    this.paused = false;
    void this.adjust();
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    this.closing ??= this.end(deadline);
    await this.closing;
  }

  /** Drops everything without a word. */
  destroy(): void {
    this.closed = true;
    this.retry?.cancel();
    this.intake.close();
    this.wake?.();
    this.long.leave();
    this.intake.clear();
    this.channel = undefined;
  }

  /** The connection is there again, or has gone. */
  connectionChanged(): void {
    this.wake?.();
  }

  holds(delivery: RabbitDelivery): boolean {
    return this.intake.holds(delivery);
  }

  acknowledge(delivery: RabbitDelivery): void {
    delivery.channel.tags.acknowledge(delivery.tag);
    this.intake.end(delivery);
    // There is room for another one.
    if (delivery.deposit !== undefined && !this.closed) void this.adjust();
  }

  flush(): void {
    this.channel?.flush();
    this.intake.handOut();
  }

  giveBack(delivery: RabbitDelivery): void {
    this.intake.end(delivery);
    delivery.channel.giveBack(delivery.tag);
  }

  /** Brings the channel to the wish. Resolves when it is there, or has been lost. */
  private adjust(): Promise<void> {
    this.changed = true;
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.changed && !this.closed) {
        this.changed = false;
        try {
          await this.step(Deadline.in(this.around.store.clock, stepMs));
          this.pauseMs = firstPauseMs;
        } catch (error) {
          if (this.isClosed()) return;
          // A lost connection is no news: the link sees to it.
          if (isLovageError(error) || failureKind(error) !== 'lost') this.around.store.warn(error);
          // Whatever state it is in, a new one is in a known one.
          await this.channel?.close(Deadline.in(this.around.store.clock, stepMs));
          this.changed = true;
          if (this.paused) return;
          await this.rest();
        }
      }
    } finally {
      this.running = undefined;
    }
  }

  private isClosed(): boolean {
    return this.closed;
  }

  private async step(deadline: Deadline): Promise<void> {
    const channel = await this.ready(deadline);
    if (this.closed) {
      await channel.close(deadline);
      return;
    }
    await deadline.race(this.bring(channel), () => this.around.link.unreachable('consume', 'no answer'));
  }

  private async ready(deadline: Deadline): Promise<ConsumerChannel> {
    const { link, declarations } = this.around;
    const { queues } = this.params;
    await this.missing.restore(deadline, !this.intake.begun);
    if (this.channel?.alive === true) return this.channel;
    const connection = await link.ready('consume', deadline);
    const together = queues.every((queue) => declarations.typeOf(queue) === 'classic');
    const opened = ConsumerChannel.open(connection, together, {
      onMessage: (queue, message, from) => this.take(queue, message, from),
      onCancelled: (queue, from) => this.deleted(queue, from),
      onClosed: (ended, reason) => this.lost(ended, reason),
    });
    const channel = await deadline.race(opened, () =>
      link.unreachable('consume', 'no channel was opened in time'),
    );
    this.channel = channel;
    return channel;
  }

  /** Again and again, without a word, until there is what is to be consumed. */
  private watchMissing(): void {
    if (!this.missing.some || this.paused || this.retry !== undefined) return;
    this.retry = this.around.store.clock.after(longestPauseMs, () => {
      this.retry = undefined;
      if (!this.closed) void this.adjust();
    });
  }

  private async bring(channel: ConsumerChannel): Promise<void> {
    const prefetch = this.intake.room;
    // None would be no limit.
    if (prefetch > 0 && !channel.keeps(prefetch)) {
      // Where each subscription has a prefetch of its own, it has the one with which it began.
      if (!channel.together) await channel.cancelAll();
      await channel.setPrefetch(prefetch);
    }
    if (this.paused || prefetch === 0) {
      await channel.cancelAll();
      for (const queue of this.params.queues)
        if (this.around.declarations.isFleeting(queue)) this.missing.add(queue);
      await this.intake.untilCounted();
      await this.giveBackWaiting(channel);
      return;
    }
    for (const queue of this.params.queues) {
      if (!channel.consumes(queue) && !this.missing.has(queue)) await this.subscribe(channel, queue);
    }
    this.watchMissing();
    // What came beyond a prefetch that has become smaller belongs to others.
    if (channel.together) await this.giveBackWaiting(channel);
    if (!channel.keeps(this.intake.room)) this.changed = true;
  }

  private async subscribe(channel: ConsumerChannel, queue: string): Promise<void> {
    try {
      await channel.consume(queue);
    } catch (error) {
      if (failureKind(error) === 'missing') this.missing.add(queue);
      throw failureKind(error) === 'refused' ? refusal(this.around.link.address, 'consume', error) : error;
    }
  }

  private take(queue: string, message: ConsumeMessage, from: ConsumerChannel): void {
    if (this.closed || from !== this.channel) return;
    this.intake.take(
      new RabbitDelivery(queue, message, this, from, this.around.store, this.params.suspectFrom),
    );
  }

  /** What came and was never handed out. */
  private async giveBackWaiting(channel: ConsumerChannel): Promise<void> {
    const waiting = await this.intake.surplus();
    for (const delivery of waiting) channel.giveBack(delivery.tag);
    if (waiting.length > 0) await channel.synced();
  }

  private deleted(queue: string, from: ConsumerChannel): void {
    if (this.closed || from !== this.channel) return;
    const { address } = this.around.link;
    this.around.store.warn(
      STORE_WARNING.create({
        address,
        found: `the queue "${queue}" was deleted while it was consumed`,
        advice: 'It is declared again, and consumed; what was in it has gone.',
      }),
    );
    this.missing.add(queue);
    void this.adjust();
  }

  private lost(ended: ConsumerChannel, reason: Error | undefined): void {
    if (ended !== this.channel) return;
    this.channel = undefined;
    const lost = this.intake.clear();
    if (this.closed) return;
    if (reason !== undefined) this.warnOfClose(reason);
    for (const queue of this.params.queues) this.missing.add(queue);
    if (lost.length > 0) this.params.onLost(lost);
    if (this.intake.begun) void this.adjust();
  }

  private warnOfClose(reason: Error): void {
    const timeout = /timed out/.test(textOf(reason));
    this.around.store.warn(
      STORE_WARNING.create({
        address: this.around.link.address,
        found: `the server has closed a channel on which messages were in hand: ${answerOf(reason)}`,
        advice: timeout
          ? 'A task takes longer than the server waits for an acknowledgement; the message is delivered once more. Raise consumer_timeout in rabbitmq.conf above the longest task, and ?consumerTimeout in the URL.'
          : 'They are delivered once more.',
      }),
    );
  }

  private async end(deadline: Deadline): Promise<void> {
    this.closed = true;
    this.retry?.cancel();
    this.intake.close();
    this.wake?.();
    const { channel } = this;
    if (channel?.alive === true) {
      const unseen = async (): Promise<void> => {
        await channel.cancelAll();
        await this.intake.noteRest();
      };
      await deadline.within(unseen());
      channel.flush();
      await channel.close(deadline);
    }
    this.channel = undefined;
    this.long.leave();
    this.intake.clear();
    this.around.onEnd(this);
  }

  private async rest(): Promise<void> {
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      timer = this.around.store.clock.after(this.pauseMs, resolve);
      this.wake = resolve;
    });
    timer?.cancel();
    this.wake = undefined;
    this.pauseMs = Math.min(longestPauseMs, this.pauseMs * 2);
  }
}

/** @throws LOVAGE_OPTION_INVALID */
function checkedPrefetch(prefetch: number): number {
  if (Number.isInteger(prefetch) && prefetch >= 1) return prefetch;
  throw OPTION_INVALID.create({
    problems: [{ option: 'prefetch', expected: 'a whole number from 1', got: prefetch }],
  });
}
