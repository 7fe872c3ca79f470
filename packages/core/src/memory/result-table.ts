import type { Clock } from '../clock/clock.js';
import type { PutOutcome } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import { ExpiryIndex } from './expiry-index.js';
import { mayReplace } from './final-states.js';

/** A watch, as the table sees it. */
export interface TableWatch {
  /** The watches of an id that only this one watches; shared by all such ids. */
  readonly alone: readonly TableWatch[];
  tell(result: StoredResult): void;
}

/** What is known of one id: its record, and who watches it. */
interface Slot {
  readonly taskId: string;
  result: StoredResult | undefined;
  /** Monotonic; infinite: never. */
  expiresAt: number;
  /** When the expiry index looks at it next; infinite: not filed. */
  filedAt: number;
  /** Never changed in place, so that it can be walked while watches come and go. */
  watches: readonly TableWatch[];
}

const noWatches: readonly TableWatch[] = [];
const stored: PutOutcome = { kind: 'stored' };
const refused: PutOutcome = { kind: 'refused' };

/** Records by task id, and their watches. */
export class ResultTable {
  private readonly slots = new Map<string, Slot>();
  private readonly expiry: ExpiryIndex<Slot>;
  /** Records that the watches are still to be told of, each with its slot. */
  private readonly news: { readonly slot: Slot; readonly result: StoredResult }[] = [];
  private telling = false;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (slot, now) => this.expire(slot, now));
  }

  /** Stores a record if it may take the place of what is there. The watches learn of it in `tell`. */
  put(result: StoredResult, nowMs: number): PutOutcome {
    const slot = this.slotOf(result.taskId);
    const present = this.present(slot, nowMs);
    if (present !== undefined && !mayReplace(present.state, result.state)) return refused;
    this.store(slot, result, nowMs);
    return stored;
  }

  /** Stores that an id was sent, where nothing is known of it: a repeated publish must not undo what has happened since. */
  putSent(result: StoredResult, nowMs: number): void {
    const slot = this.slotOf(result.taskId);
    if (this.present(slot, nowMs) === undefined) this.store(slot, result, nowMs);
  }

  get(taskId: string, nowMs: number): StoredResult | undefined {
    const slot = this.slots.get(taskId);
    return slot === undefined ? undefined : this.present(slot, nowMs);
  }

  forget(taskId: string): void {
    const slot = this.slots.get(taskId);
    if (slot === undefined) return;
    slot.result = undefined;
    slot.expiresAt = Number.POSITIVE_INFINITY;
    this.drop(slot);
  }

  watch(taskId: string, watch: TableWatch, nowMs: number): StoredResult | undefined {
    const slot = this.slotOf(taskId);
    if (slot.watches.length === 0) slot.watches = watch.alone;
    else if (!slot.watches.includes(watch)) slot.watches = [...slot.watches, watch];
    return this.present(slot, nowMs);
  }

  unwatch(taskId: string, watch: TableWatch): void {
    const slot = this.slots.get(taskId);
    if (slot === undefined) return;
    slot.watches = slot.watches === watch.alone ? noWatches : slot.watches.filter((other) => other !== watch);
    this.drop(slot);
  }

  /** Tells the watches what was stored. Called when a whole call has taken effect: what they do then finds it done. */
  tell(): void {
    if (this.news.length === 0 || this.telling) return;
    this.telling = true;
    for (let at = 0; at < this.news.length; at += 1) {
      const { slot, result } = this.news[at] as { readonly slot: Slot; readonly result: StoredResult };
      for (const watch of slot.watches) {
        try {
          watch.tell(result);
        } catch (error) {
          // A listener must not throw. One that does is shown as what it is, and the others are told all the same.
          this.clock.endOfTurn(() => {
            throw error;
          });
        }
      }
    }
    this.news.length = 0;
    this.telling = false;
  }

  close(): void {
    this.expiry.close();
    this.slots.clear();
  }

  private store(slot: Slot, result: StoredResult, nowMs: number): void {
    slot.result = result;
    slot.expiresAt = result.ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + result.ttlMs;
    // Filed at most once as long as it does not expire earlier than before; the index moves it on when it gets there.
    if (slot.expiresAt < slot.filedAt) {
      slot.filedAt = slot.expiresAt;
      this.expiry.file(slot, slot.expiresAt);
    }
    if (slot.watches.length > 0) this.news.push({ slot, result });
  }

  private slotOf(taskId: string): Slot {
    let slot = this.slots.get(taskId);
    if (slot === undefined) {
      slot = {
        taskId,
        result: undefined,
        expiresAt: Number.POSITIVE_INFINITY,
        filedAt: Number.POSITIVE_INFINITY,
        watches: noWatches,
      };
      this.slots.set(taskId, slot);
    }
    return slot;
  }

  private present(slot: Slot, nowMs: number): StoredResult | undefined {
    return slot.expiresAt <= nowMs ? undefined : slot.result;
  }

  private expire(slot: Slot, nowMs: number): number | undefined {
    // Forgotten since, or filed again under another time.
    if (this.slots.get(slot.taskId) !== slot || slot.filedAt > nowMs) return undefined;
    slot.filedAt = slot.expiresAt;
    if (slot.expiresAt > nowMs) return slot.expiresAt;
    slot.result = undefined;
    slot.expiresAt = Number.POSITIVE_INFINITY;
    slot.filedAt = Number.POSITIVE_INFINITY;
    this.drop(slot);
    return undefined;
  }

  /** Deletes a slot that nothing is known of and nobody watches. */
  private drop(slot: Slot): void {
    if (slot.result === undefined && slot.watches.length === 0) this.slots.delete(slot.taskId);
  }
}
