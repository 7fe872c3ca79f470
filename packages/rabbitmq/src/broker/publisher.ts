import {
  type Deadline,
  type Publication,
  type PublishOutcome,
  STORE_BLOCKED,
  STORE_REFUSED,
  type WireMessage,
} from '@lovage/core';
import { failureKind, refusal } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import { Waiters } from '../connection/waiters.js';
import { DelayPaths } from '../delay/delay-paths.js';
import { delayRoute, longestDelayMs } from '../delay/delay-route.js';
import type { RabbitStore } from '../rabbit-store.js';
import { ownHeaders } from '../wire/own-headers.js';
import { isTooLong } from '../wire/short-text.js';
import { nothingFollows } from '../wire/nothing-follows.js';
import { writeMessage } from '../wire/write-message.js';
import { Confirms, type OnPosted, type PostOutcome, type Posting, refusedByQueue } from './confirms.js';

/** A publication with what Lovage writes beside it. */
export interface Dispatch {
  readonly message: WireMessage;
  readonly exchange: string;
  readonly routingKey: string;
  /** Milliseconds since 1970 UTC. */
  readonly notBefore?: number | undefined;
  readonly added?: Readonly<Record<string, unknown>> | undefined;
}

/** Attempts to send a delayed message on its way before it counts as unroutable. */
const mostAttempts = 3;
/** Waits before a message that a queue has refused is sent once more. */
const refusalPausesMs = [20, 80, 320, 1280];
const accepted: PublishOutcome = { kind: 'accepted' };
const nothing = (): void => undefined;
const unroutable: PublishOutcome = { kind: 'unroutable' };

/**
 * Publishes: with confirms, many at once, each by its deadline. What the broker has not confirmed when a connection is lost is
 * sent again, and only that.
 */
export class Publisher {
  private readonly delays: DelayPaths;
  private readonly link: AmqpLink;
  private readonly confirms: Confirms;
  /** For one message at a time, where the server has closed the channel of all because of one of them. */
  private readonly careful: Confirms;
  /** Until the one that is on it has its outcome. */
  private carefulTurn: Promise<void> = Promise.resolve();
  /** Exchanges, and queues (by `queueKey`), that were there since the connection was made. */
  private readonly known = new Set<string>();
  /** Outcomes of publications whose batch failed: tried again, those that the broker has are not sent twice. */
  private readonly settled = new WeakMap<object, PublishOutcome>();
  /** Publications that the broker may have although it has not confirmed them. */
  private readonly doubtful = new WeakSet<object>();
  private doubts = false;
  /** Told when the broker takes publications again. */
  private readonly unblocked = new Waiters();
  private readonly unlisten: () => void;
  private closed = false;

  constructor(private readonly store: RabbitStore) {
    this.link = store.publishing;
    this.delays = new DelayPaths(store.settings.delayQueueType);
    this.confirms = new Confirms(this.link);
    this.careful = new Confirms(this.link);
    this.unlisten = store.listen({
      onLost: () => this.forget(),
      onBlocked: (reason) => this.tellBlocked(reason),
      onAnswered: (taskId) => {
        this.confirms.answered(taskId);
        this.careful.answered(taskId);
      },
    });
  }

  close(): void {
    this.closed = true;
    this.unlisten();
    this.unblocked.wakeAll();
  }

  /**
   * Makes sure that delayed messages will find their way without loss of time. Who may not declare it is told; and who delays a
   * message, once more.
   */
  async prepareDelays(deadline: Deadline): Promise<void> {
    if (this.link.blocked !== undefined) return;
    try {
      await this.delays.prepareLevels(this.link, deadline);
    } catch (error) {
      this.store.warn(error);
    }
  }

  /** @throws LOVAGE_STORE_BLOCKED, LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED */
  async publish(
    publications: readonly Publication[],
    deadline: Deadline,
  ): Promise<readonly PublishOutcome[]> {
    return await this.dispatch(publications, deadline);
  }

  /** The same with headers of our own. */
  async dispatch(dispatches: readonly Dispatch[], deadline: Deadline): Promise<readonly PublishOutcome[]> {
    const outcomes = dispatches.map((dispatch) => this.settled.get(dispatch));
    try {
      await this.untilAll(this.confirms, dispatches, outcomes, deadline);
    } catch (error) {
      this.doubt(dispatches, outcomes);
      for (const [index, outcome] of outcomes.entries()) {
        const dispatch = dispatches[index];
        if (outcome !== undefined && dispatch !== undefined) this.settled.set(dispatch, outcome);
      }
      throw error;
    }
    return outcomes.map((outcome) => outcome ?? accepted);
  }

  private async untilAll(
    confirms: Confirms,
    dispatches: readonly Dispatch[],
    outcomes: (PublishOutcome | undefined)[],
    deadline: Deadline,
  ): Promise<void> {
    let refusals = 0;
    for (let attempt = 1; ; attempt += 1) {
      await this.untilUnblocked(deadline);
      const sent = await this.round(confirms, dispatches, outcomes, attempt, deadline);
      if (sent === 'done') return;
      if (typeof sent === 'object') {
        // A new queue, or one whose server was restarted, has no leader for a moment.
        const pauseMs = refusalPausesMs[refusals];
        refusals += 1;
        if (pauseMs === undefined || deadline.leftMs() <= pauseMs)
          throw refusedByQueue(this.link.address, sent);
        await this.link.pause(pauseMs);
      }
      if (deadline.passed) throw this.failed(undefined);
      if (sent === 'closed') {
        const reason = confirms.closeReason;
        this.doubt(dispatches, outcomes);
        this.forget();
        // An exchange has gone: it is looked for again. Everything else ends the same way again.
        if (isVerdict(reason)) {
          if (confirms === this.careful) throw refusal(this.link.address, 'publish', reason);
          await this.oneByOne(dispatches, outcomes, deadline);
          return;
        }
      }
    }
  }

  /**
   * The server has closed the channel because of one message, and does not say which: it may not be ours at all. On a channel where there is
   * no other each of them ends in its own way.
   */
  private async oneByOne(
    dispatches: readonly Dispatch[],
    outcomes: (PublishOutcome | undefined)[],
    deadline: Deadline,
  ): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const [index, dispatch] of dispatches.entries()) {
      if (outcomes[index] !== undefined) continue;
      const own: (PublishOutcome | undefined)[] = [undefined];
      try {
        await this.carefully(
          async () => await this.untilAll(this.careful, [dispatch], own, deadline),
          deadline,
        );
        outcomes[index] = own[0];
      } catch (error) {
        failure ??= { error };
        if (!STORE_REFUSED.is(error)) break;
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  private async carefully(action: () => Promise<void>, deadline: Deadline): Promise<void> {
    const before = this.carefulTurn;
    let end = nothing;
    this.carefulTurn = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await deadline.race(before, () => this.failed('too many others are being sent one by one'));
      await action();
    } finally {
      // Who gives up must not let the next overtake the one that is under way.
      void before.then(end);
    }
  }

  /** Sends what has no outcome yet. */
  private async round(
    confirms: Confirms,
    dispatches: readonly Dispatch[],
    outcomes: (PublishOutcome | undefined)[],
    attempt: number,
    deadline: Deadline,
  ): Promise<'done' | 'closed' | 'astray' | Posting> {
    const indexes: number[] = [];
    const postings: Posting[] = [];
    for (const [index, asked] of dispatches.entries()) {
      if (outcomes[index] !== undefined) continue;
      const dispatch = this.doubts && this.doubtful.has(asked) ? asCopy(asked) : asked;
      const posting = this.plain(dispatch) ?? (await this.posting(dispatch, deadline));
      if (posting === undefined) outcomes[index] = unroutable;
      else {
        indexes.push(index);
        postings.push(posting);
      }
    }
    if (postings.length === 0) return 'done';
    let lost = false;
    let astray = false;
    let refused: Posting | undefined;
    const note = (kind: PostOutcome, place: number): void => {
      if (kind === 'lost') lost = true;
      else if (kind === 'refused') refused = postings[place];
      else if (kind === 'returned' && postings[place]?.delayed === true && attempt < mostAttempts)
        astray = true;
      else outcomes[indexes[place] ?? -1] = kind === 'returned' ? unroutable : accepted;
    };
    await this.posted(confirms, postings, note, deadline);
    // Somebody has removed what it is to wait in.
    if (astray) this.delays.distrust();
    if (lost) return 'closed';
    if (astray) return 'astray';
    return refused ?? 'done';
  }

  /** Sent again, these may be there twice. */
  private doubt(dispatches: readonly Dispatch[], outcomes: readonly (PublishOutcome | undefined)[]): void {
    this.doubts = true;
    for (const [index, dispatch] of dispatches.entries())
      if (outcomes[index] === undefined) this.doubtful.add(dispatch);
  }

  /** Sends; resolves when each of them has been told. One promise for all: this is the hot path of producers. */
  private async posted(
    confirms: Confirms,
    postings: readonly Posting[],
    note: OnPosted,
    deadline: Deadline,
  ): Promise<void> {
    let left = postings.length;
    const told = new Promise<void>((resolve, reject) => {
      const tell: OnPosted = (outcome, place) => {
        note(outcome, place);
        left -= 1;
        if (left === 0) resolve();
      };
      confirms.post(postings, deadline, tell).catch(reject);
    });
    await deadline.race(told, () => this.failed('no confirmation came in time'));
  }

  /** The usual case, in which nothing must be waited for: to a queue, or to an exchange that is known, at once. */
  private plain(dispatch: Dispatch): Posting | undefined {
    const { exchange, routingKey, notBefore } = dispatch;
    if (notBefore !== undefined || routingKey.length > 60 || exchange.length > 60) return undefined;
    if (exchange !== '' && !this.known.has(exchange)) return undefined;
    const { content, options } = writeMessage(dispatch.message, dispatch.added);
    const endsWithResult = options.replyTo !== undefined && nothingFollows(content);
    return { content, options, exchange, routingKey, endsWithResult };
  }

  /** `undefined`: it has nowhere to go. */
  private async posting(dispatch: Dispatch, deadline: Deadline): Promise<Posting | undefined> {
    const { message, exchange, routingKey, notBefore, added } = dispatch;
    // No queue and no exchange can have such a name.
    if (isTooLong(routingKey) || isTooLong(exchange)) return undefined;
    if (exchange !== '' && !(await this.hasExchange(exchange, deadline))) return undefined;
    const delayMs = (): number => (notBefore === undefined ? 0 : notBefore - this.store.clock.wallNow());
    if (delayMs() <= 0) return { ...writeMessage(message, added), exchange, routingKey };
    if (exchange === '' && !(await this.hasQueue(routingKey, deadline))) return undefined;
    const token = await this.delays.prepare(this.link, { exchange, routingKey }, deadline);
    // It may have taken some time.
    const leftMs = delayMs();
    if (leftMs <= 0) return { ...writeMessage(message, added), exchange, routingKey };
    const again = leftMs > longestDelayMs ? { [ownHeaders.notBefore]: notBefore } : undefined;
    return {
      ...writeMessage(message, again === undefined ? added : { ...added, ...again }),
      ...delayRoute(Math.min(leftMs, longestDelayMs), token),
      delayed: true,
    };
  }

  private async hasExchange(name: string, deadline: Deadline): Promise<boolean> {
    return await this.isThere(name, deadline, async (channel) => await channel.checkExchange(name));
  }

  private async hasQueue(name: string, deadline: Deadline): Promise<boolean> {
    return await this.isThere(queueKey(name), deadline, async (channel) => await channel.checkQueue(name));
  }

  private async isThere(
    key: string,
    deadline: Deadline,
    check: Parameters<AmqpLink['call']>[2],
  ): Promise<boolean> {
    if (this.known.has(key)) return true;
    try {
      await this.link.call('publish', deadline, check);
    } catch (error) {
      const kind = failureKind(error);
      if (kind === 'missing') return false;
      // An exclusive queue of another connection: nobody else may ask for it, and all may send to it.
      if (kind !== 'conflict')
        throw kind === 'refused' ? refusal(this.link.address, 'publish', error) : error;
    }
    if (this.known.size >= 10_000) this.known.clear();
    this.known.add(key);
    return true;
  }

  private forget(): void {
    this.known.clear();
    this.delays.forget();
  }

  private async untilUnblocked(deadline: Deadline): Promise<void> {
    while (this.link.blocked !== undefined) {
      if (this.closed || !(await this.unblocked.wait(deadline))) throw this.failed(undefined);
    }
  }

  private failed(problem: string | undefined): Error {
    const { address, blocked } = this.link;
    if (blocked !== undefined)
      return STORE_BLOCKED.create({ address, operation: 'publish', reason: blocked });
    return this.link.unreachable('publish', problem ?? 'the connection was lost again and again');
  }

  private tellBlocked(reason: string | undefined): void {
    if (reason === undefined) this.unblocked.wakeAll();
    else {
      const { address } = this.link;
      this.store.warn(STORE_BLOCKED.create({ address, operation: 'publish', reason }));
    }
  }
}

/** Marked as one that somebody may have had before: a worker then looks whether its task is done. */
const asCopy = (dispatch: Dispatch): Dispatch => ({
  ...dispatch,
  added: { ...dispatch.added, [ownHeaders.handed]: true },
});

/** Whether a server that has closed a channel would do so again: it may not be published there, or not so (too large, a header that it refuses). */
const isVerdict = (reason: Error | undefined): reason is Error =>
  reason !== undefined && ['refused', 'conflict'].includes(failureKind(reason));

const queueKey = (name: string): string => `\0${name}`;
