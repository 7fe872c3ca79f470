import type { Clock } from '../clock/clock.js';
import { callListener } from '../drivers/call-listener.js';
import { mayReplace } from '../message/task-state.js';
import type { PutOutcome } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import { ExpiryIndex } from './expiry-index.js';

/** A watch, as the table sees it. */
export interface TableWatch {
  /** The watches of an id that only this one watches; shared by all such ids. */
  readonly alone: readonly TableWatch[];
  tell(result: StoredResult): void;
}

/** What is known of one id: its record, and who watches it. Others only hand it back. */
export interface ResultSlot {
  readonly taskId: string;
  result: StoredResult | undefined;
  /** Monotonic, in whole milliseconds, so that it needs no memory of its own. */
  expiresAt: number;
  /** The expiry index will look at it. */
  filed: boolean;
  /** Still in the table. */
  kept: boolean;
  /** Never changed in place, so that it can be walked while watches come and go. */
  watches: readonly TableWatch[];
}

const never = -1;
const noWatches: readonly TableWatch[] = [];
const stored: PutOutcome = { kind: 'stored' };
const refused: PutOutcome = { kind: 'refused' };

/** Records by task id, and their watches. */
export class ResultTable {
  private readonly slots = new Map<string, ResultSlot>();
  private readonly expiry: ExpiryIndex<ResultSlot>;
  /** Records that the watches are still to be told of, each after its slot. */
  private readonly news: (ResultSlot | StoredResult)[] = [];
  /** What the watches are being told of; whoever is told tends to end the watch on the same id. */
  private told: ResultSlot | undefined;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (slot, now) => this.expire(slot, now));
  }

  /** Number of ids of which a record is kept or that are watched. */
  get size(): number {
    return this.slots.size;
  }

  /**
   * Stores a record if it may take the place of what is there. The watches learn of it in `tell`.
   *
   * @param sent what `putSent` gave when the message was published: saves the search, which is the dearest part
   */
  put(result: StoredResult, nowMs: number, sent?: ResultSlot): PutOutcome {
    const slot = sent?.kept === true && sent.taskId === result.taskId ? sent : this.slotOf(result.taskId);
    const present = presentIn(slot, nowMs);
    if (present !== undefined && !mayReplace(present.state, result.state)) return refused;
    this.store(slot, result, nowMs);
    return stored;
  }

  /** Stores that an id was sent, where nothing is known of it: a repeated publish must not undo what has happened since. */
  putSent(result: StoredResult, nowMs: number): ResultSlot {
    const slot = this.slotOf(result.taskId);
    if (presentIn(slot, nowMs) === undefined) this.store(slot, result, nowMs);
    return slot;
  }

  get(taskId: string, nowMs: number): StoredResult | undefined {
    const slot = this.slots.get(taskId);
    return slot === undefined ? undefined : presentIn(slot, nowMs);
  }

  forget(taskId: string): void {
    const slot = this.slots.get(taskId);
    if (slot === undefined) return;
    slot.result = undefined;
    this.drop(slot);
  }

  /** @returns whether it was not watched by this one before, and its record */
  watch(
    taskId: string,
    watch: TableWatch,
    nowMs: number,
  ): { readonly added: boolean; readonly result: StoredResult | undefined } {
    const slot = this.slotOf(taskId);
    const added = !slot.watches.includes(watch);
    if (added) slot.watches = slot.watches.length === 0 ? watch.alone : [...slot.watches, watch];
    return { added, result: presentIn(slot, nowMs) };
  }

  /** @returns whether it was watched by this one */
  unwatch(taskId: string, watch: TableWatch): boolean {
    if (this.told?.taskId === taskId && this.unwatchSlot(this.told, watch)) return true;
    const slot = this.slots.get(taskId);
    return slot !== undefined && this.unwatchSlot(slot, watch);
  }

  /** Ends a watch on all ids. Looks at every id that is known, which happens only when a watch ends in the middle of its work. */
  unwatchAll(watch: TableWatch): void {
    for (const slot of this.slots.values()) this.unwatchSlot(slot, watch);
  }

  /** Tells the watches what was stored. Called when a whole call has taken effect: what they do then finds it done. */
  tell(): void {
    if (this.news.length === 0 || this.told !== undefined) return;
    const { news } = this;
    for (let at = 0; at < news.length; at += 2) {
      const slot = news[at] as ResultSlot;
      this.told = slot;
      for (const watch of slot.watches) {
        callListener(this.clock, () => watch.tell(news[at + 1] as StoredResult));
      }
    }
    news.length = 0;
    this.told = undefined;
  }

  close(): void {
    this.expiry.close();
    this.slots.clear();
  }

  private store(slot: ResultSlot, result: StoredResult, nowMs: number): void {
    slot.result = result;
    slot.expiresAt = result.ttlMs === undefined ? never : Math.ceil(nowMs + result.ttlMs);
    if (slot.expiresAt !== never && !slot.filed) {
      // Once: if it is replaced meanwhile, the index moves it on when it gets there.
      slot.filed = true;
      this.expiry.file(slot, slot.expiresAt);
    }
    if (slot.watches.length > 0) this.news.push(slot, result);
  }

  private slotOf(taskId: string): ResultSlot {
    let slot = this.slots.get(taskId);
    if (slot === undefined) {
      slot = { taskId, result: undefined, expiresAt: never, filed: false, kept: true, watches: noWatches };
      this.slots.set(taskId, slot);
    }
    return slot;
  }

  private expire(slot: ResultSlot, nowMs: number): number | undefined {
    if (slot.result !== undefined && slot.expiresAt > nowMs) return slot.expiresAt;
    slot.filed = false;
    if (presentIn(slot, nowMs) === undefined) {
      slot.result = undefined;
      this.drop(slot);
    }
    return undefined;
  }

  private unwatchSlot(slot: ResultSlot, watch: TableWatch): boolean {
    if (!slot.watches.includes(watch)) return false;
    slot.watches = slot.watches.length === 1 ? noWatches : slot.watches.filter((other) => other !== watch);
    this.drop(slot);
    return true;
  }

  /** Deletes a slot that nothing is known of and nobody watches. */
  private drop(slot: ResultSlot): void {
    if (slot.result !== undefined || slot.watches.length > 0 || !slot.kept) return;
    slot.kept = false;
    this.slots.delete(slot.taskId);
  }
}

const presentIn = (slot: ResultSlot, nowMs: number): StoredResult | undefined =>
  slot.expiresAt !== never && slot.expiresAt <= nowMs ? undefined : slot.result;
