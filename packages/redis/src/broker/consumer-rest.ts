import type { Timer } from '@lovage/core';
import type { ConsumerSurroundings } from './consumer-surroundings.js';
import type { Armed, Watched } from './wake-listener.js';

/** Longest time for which an idle consumer trusts that it is woken. */
const watchdogMs = 10_000;
/** The same where the server does not tell of changes. */
const pollMs = 1000;

/** The answer to a question that was put beforehand; nothing where it could not be. */
export type PreparedRest = Promise<Armed | undefined>;

/**
 * How a consumer waits while nothing is in its queues: until one of them changes, a delayed message is due, or the watchdog's time
 * has passed.
 *
 * A claim that may find nothing is followed by the question for the next change, in the same packet: most answers that are short
 * lead to a rest, and it costs no trip of its own.
 */
export class ConsumerRest {
  private isResting = false;
  private over = false;
  /** Something has changed since the question was put, while nobody waited. */
  private stirred = false;
  private timer: Timer | undefined;
  /** What told of the next delayed message when the last rest began. */
  private heads = '';
  private readonly watched: Watched;

  /** @param onRoused the rest has ended: it is time to look */
  constructor(
    queues: readonly string[],
    private readonly around: ConsumerSurroundings,
    private readonly onRoused: () => void,
  ) {
    const { keys } = around.store;
    this.watched = {
      lists: queues.flatMap((queue) => keys.lists(queue)),
      heads: queues.map((queue) => keys.delayedHead(queue)),
    };
  }

  get resting(): boolean {
    return this.isResting;
  }

  /** Asks to be told of the next change. To be called right behind the claim whose answer may lead to a rest. Never rejects. */
  async prepare(): PreparedRest {
    const { wake, store } = this.around;
    this.stirred = false;
    try {
      return await wake.arm(this.watched, this.rouse, store.backgroundDeadline());
    } catch {
      return undefined;
    }
  }

  /**
   * @param untilDueMs until the next delayed message is due
   * @param damaged whether something is there that can not be taken
   * @param prepared what `prepare` gave at the claim that found nothing more; absent: it is asked now
   */
  begin(untilDueMs: number, damaged: boolean, prepared: PreparedRest | undefined): void {
    if (this.over || this.isResting) return;
    this.isResting = true;
    this.lookLater(Math.min(untilDueMs, damaged || this.around.wake.unavailable ? pollMs : watchdogMs));
    if (prepared !== undefined && this.stirred && !damaged) {
      this.rouse();
      return;
    }
    void (prepared ?? this.prepare()).then((armed) => {
      if (armed === undefined) {
        this.lookLater(Math.min(untilDueMs, pollMs));
        return;
      }
      // What changed between the claim and the question is told by nobody.
      const changed = armed.heads !== this.heads;
      this.heads = armed.heads;
      if ((armed.present && !damaged) || changed) this.rouse();
    });
  }

  /** Ends the rest without a word. */
  leave(): void {
    this.isResting = false;
    this.timer?.cancel();
  }

  /** For ever. */
  close(): void {
    this.over = true;
    this.leave();
    this.around.wake.disarm(this.watched, this.rouse);
  }

  /** Ends the rest, if there is one. */
  readonly rouse = (): void => {
    this.stirred = true;
    if (!this.isResting) return;
    this.leave();
    this.onRoused();
  };

  private lookLater(afterMs: number): void {
    if (this.over || !this.isResting) return;
    this.timer?.cancel();
    this.timer = this.around.store.clock.after(Math.max(1, afterMs), this.rouse);
  }
}
