import {
  type Clock,
  Deadline,
  type Publication,
  type PublishOutcome,
  STORE_REFUSED,
  type Timer,
} from '@lovage/core';
import type { Dispatch } from '../broker/publisher.js';
import { ownHeaders } from '../wire/own-headers.js';
import type { LedgerAnswer, LedgerOperation } from './ledger-operation.js';
import type { LedgerState } from './ledger-state.js';
import type { Unsent } from './unsent-table.js';
import { readPublication } from './written-publication.js';

export interface UnsentTicksOptions {
  readonly clock: Clock;
  readonly state: () => LedgerState | undefined;
  readonly propose: (operation: LedgerOperation) => Promise<LedgerAnswer>;
  readonly publish: (dispatch: Dispatch, deadline: Deadline) => Promise<PublishOutcome>;
  readonly hasQueue: (queue: string, deadline: Deadline) => Promise<boolean>;
  /** Name of the queue in which the log is, for copies. */
  readonly logName: string;
  readonly warn: (error: unknown) => void;
}

/** A tick that is being recorded or taken over. */
export interface ReadyTick {
  readonly key: string;
  readonly message: string;
  readonly taskId: string | undefined;
  readonly publication: Publication;
  /** Whether it has a queue to go to. */
  readonly isThere: Promise<boolean>;
  readonly own: Deadline;
}

/** Whoever has recorded a tick, or taken it over, has this time; after that anybody may take it over. */
const ownMs = 10_000;
/** In the first half of it the message is sent or not at all, so that two never send it. */
const sendMs = ownMs / 2;
const lookEachMs = 250;
/** Taken over at once. */
const mostAtOnce = 256;
const accepted: PublishOutcome = { kind: 'accepted' };

/**
 * Sends the messages of ticks. A tick stands in the log with its message before that is sent, and is struck out by the very publish
 * that sends it: the broker puts one copy into the queue and one into the log (header `BCC`, which it takes off). So who dies
 * leaves either a tick that was not sent, which another sends, or one that is struck out. A message to an exchange that is not the
 * default one is struck out by an entry behind its confirm; who dies in between leaves one that is sent once more. What is sent
 * for another says that somebody may have had it.
 */
export class UnsentTicks {
  private timer: Timer | undefined;
  private looking = false;
  private closed = false;

  constructor(private readonly options: UnsentTicksOptions) {}

  /** How long the one who records a tick, or takes it over, may send it; made before that. */
  own(deadline?: Deadline): Deadline {
    return Deadline.in(this.options.clock, Math.min(sendMs, deadline?.leftMs() ?? sendMs));
  }

  /**
   * Makes the message of a tick ready while it is being recorded or taken over.
   *
   * @param own see `own`
   */
  prepare(
    key: string,
    { message, taskId }: Pick<Unsent, 'message' | 'taskId'>,
    publication: Publication,
    own: Deadline,
  ): ReadyTick {
    // With a copy it always has somewhere to go, so the broker would not return it.
    const isThere =
      taskId === undefined ? Promise.resolve(true) : this.options.hasQueue(publication.routingKey, own);
    isThere.catch(() => undefined);
    return { key, message, taskId, publication, isThere, own };
  }

  /**
   * Sends what this process has just recorded, or taken over. When it comes too late for that, it is left to the next.
   *
   * @throws what kept it from being sent
   */
  async send(tick: ReadyTick, again = false): Promise<PublishOutcome> {
    const { publish, propose, logName, state } = this.options;
    const { key, message, taskId, publication, own } = tick;
    const isThere = await tick.isThere;
    if (own.passed) return accepted;
    const added = {
      ...(taskId === undefined ? {} : { BCC: [logName] }),
      ...(again ? { [ownHeaders.handed]: true } : {}),
    };
    const outcome: PublishOutcome = isThere
      ? await publish({ ...publication, added }, own).catch(async (error: unknown) => {
          if (taskId !== undefined && STORE_REFUSED.is(error))
            await propose({ op: 'refused', k: key, message, t: taskId });
          throw error;
        })
      : { kind: 'unroutable' };
    // Whoever asks next must find that it was taken back.
    if (outcome.kind === 'unroutable') await propose({ op: 'sent', k: key, unroutable: true });
    else if (state()?.unsent.has(key) === true)
      propose({ op: 'sent', k: key }).catch((error: unknown) => this.options.warn(error));
    return outcome;
  }

  /** To be called when the log was read: looks, in time, for what others leave behind. */
  watch(): void {
    if (this.timer !== undefined || this.looking || this.closed) return;
    const { clock, state } = this.options;
    const oldestMs = state()?.unsent.oldestMs;
    if (oldestMs === undefined) return;
    const dueInMs = oldestMs + ownMs - clock.wallNow();
    this.timer = clock.after(Math.min(ownMs, Math.max(lookEachMs, dueInMs)), () => {
      this.timer = undefined;
      void this.look().finally(() => this.watch());
    });
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
  }

  private async look(): Promise<void> {
    const { clock, state, warn } = this.options;
    this.looking = true;
    const before = clock.wallNow() - ownMs;
    const left = state()?.unsent.all() ?? [];
    const due = left.filter(([, { atMs }]) => atMs <= before).slice(0, mostAtOnce);
    await Promise.all(due.map(async ([key, unsent]) => await this.takeOver(key, unsent).catch(warn)));
    this.looking = false;
  }

  private async takeOver(key: string, unsent: Unsent): Promise<void> {
    const ready = this.prepare(key, unsent, readPublication(unsent.message), this.own());
    const answer = await this.options.propose({ op: 'takeOver', k: key, x: unsent.attempts });
    if (answer?.kind === 'taken' && !this.closed) await this.send(ready, true);
  }
}
