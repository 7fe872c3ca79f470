import { Coalescer, type Done } from '../batch/coalescer.js';
import { roughLengthOf } from '../message/written-result.js';
import type { Deadline } from '../clock/deadline.js';
import type { Joined } from '../ports/chord-part.js';
import type { Publication } from '../ports/publication.js';
import type { Settlement, SettleOutcome } from '../ports/settlement.js';
import type { Stores } from '../stores/stores.js';
import { asCopy } from './body-copies.js';

/** Waits between attempts; a settlement that is given up is not lost, its message is delivered again. */
const retryDelaysMs = [0, 100, 400, 1600];

/**
 * Ends deliveries, those of one event-loop turn as one batch.
 *
 * Where broker and result store can commit together they do. Otherwise the order is results, parts of chords, following messages,
 * acknowledgement, so that a crash in between repeats work and never loses it; the ids of following messages are fixed
 * beforehand, so that a repeat can be recognised.
 */
export class Settler {
  private readonly coalescer: Coalescer<Settlement, SettleOutcome>;
  private readonly detached: Coalescer<Settlement, SettleOutcome>;

  /** @param newId for the names of copies of messages */
  constructor(
    private readonly stores: Stores,
    private readonly newId: () => string,
  ) {
    const { clock } = stores;
    this.coalescer = new Coalescer({
      clock,
      flush: async (settlements) =>
        await this.again(async () =>
          stores.atomic
            ? await stores.broker.settle({ settlements, deadline: stores.deadline() })
            : await this.settleInOrder(settlements),
        ),
      bytesOf,
    });
    this.detached = new Coalescer({
      clock,
      flush: async (settlements) => await this.again(async () => await this.settleInOrder(settlements, true)),
      bytesOf,
    });
  }

  /** Stores and sends what belongs to a run whose message is gone already. */
  pushDetached(settlement: Settlement, done: Done<SettleOutcome>): void {
    this.detached.push(settlement, done);
  }

  push(settlement: Settlement, done: Done<SettleOutcome>): void {
    this.coalescer.push(settlement, done);
  }

  async drained(): Promise<void> {
    await this.coalescer.drained();
    await this.detached.drained();
  }

  /** Attempts before a settlement is given up. */
  static readonly attempts = retryDelaysMs.length + 1;

  private async again<Value>(action: () => Promise<Value>): Promise<Value> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await action();
      } catch (error) {
        const delayMs = retryDelaysMs[attempt];
        if (delayMs === undefined) throw error;
        await new Promise<void>((resolve) => {
          this.stores.clock.after(delayMs, resolve);
        });
      }
    }
  }

  /** @param isDetached their deliveries have been ended before */
  private async settleInOrder(
    settlements: readonly Settlement[],
    isDetached = false,
  ): Promise<readonly SettleOutcome[]> {
    const { results } = this.stores;
    const deadline = this.stores.deadline();
    const records = settlements.flatMap((settlement) => settlement.results);
    if (records.length > 0) await results?.put({ results: records, deadline });
    const joined: (readonly Joined[])[] = [];
    for (const { joins } of settlements) {
      joined.push(
        joins.length === 0 || results === undefined
          ? none
          : await Promise.all(joins.map(async (part) => await results.join({ part, deadline }))),
      );
    }
    const held = joined.map((some) => some.some(({ kind }) => kind === 'complete'));
    const ending = held.includes(true) ? settlements.filter((_, index) => held[index] !== true) : settlements;
    const outcomes = ending.length === 0 ? none : await this.end(ending, isDetached, deadline);
    let next = 0;
    return settlements.map((_, index): SettleOutcome => {
      const own = joined[index] ?? none;
      if (held[index] === true) return { kind: 'complete', joined: own };
      const outcome = outcomes[next++] as SettleOutcome;
      return outcome.kind === 'settled' && own.length > 0 ? { ...outcome, joined: own } : outcome;
    });
  }

  /** The body of a chord is published again when it is not known whether the chord was closed: each time as a copy of its own. */
  private publicationsOf({ publishes, closes }: Settlement): readonly Publication[] {
    return closes === undefined || closes.length === 0
      ? publishes
      : publishes.map((publication) => asCopy(publication, this.newId()));
  }

  /** What follows the results: messages, chords whose bodies are among them, and the acknowledgement. */
  private async end(
    settlements: readonly Settlement[],
    isDetached: boolean,
    deadline: Deadline,
  ): Promise<readonly SettleOutcome[]> {
    const { broker, results } = this.stores;
    const publications = settlements.flatMap((settlement) => this.publicationsOf(settlement));
    const published = publications.length === 0 ? [] : await broker.publish({ publications, deadline });
    for (const groupId of settlements.flatMap(({ closes }) => closes ?? none))
      await results?.closeChord({ groupId, deadline });
    const bare = settlements.map(({ delivery, verb }) => ({
      delivery,
      verb,
      results: none,
      publishes: none,
      joins: none,
    }));
    const outcomes: readonly SettleOutcome[] = isDetached
      ? bare.map(() => ({ kind: 'settled' }))
      : await broker.settle({ settlements: bare, deadline });
    let next = 0;
    return outcomes.map((outcome, index) => {
      const own = published.slice(next, (next += settlements[index]?.publishes.length ?? 0));
      return outcome.kind === 'settled' && own.length > 0 ? { ...outcome, published: own } : outcome;
    });
  }
}

const none: readonly never[] = [];

function bytesOf({ results }: Settlement): number {
  let bytes = 0;
  for (const result of results) bytes += roughLengthOf(result);
  return bytes;
}
