import type { Timer } from '../clock/clock.js';
import type { Ledger, LedgerRecord } from '../ports/ledger.js';
import { openSchedule, type ScheduleSurroundings } from '../schedule/open-schedule.js';
import type { Schedule } from '../schedule/schedule.js';
import type { Stores } from '../stores/stores.js';
import { readRecord } from './read-entry.js';
import type { ScheduleRecord } from './schedule-record.js';

/** A schedule of the ledger, ready to be asked. */
export interface BookEntry {
  readonly name: string;
  readonly version: number;
  /** As the ledger has it. One that was deleted and added again begins with the version that it had before. */
  readonly text: string;
  readonly record: ScheduleRecord;
  readonly schedule: Schedule;
}

export interface ScheduleBookParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  /** Kind of the records of schedules. */
  readonly kind: string;
  readonly surroundings: ScheduleSurroundings;
  readonly onProblem: (schedule: string | undefined, error: unknown) => void;
}

/** Told what is new: entries that came or changed, and names that went. */
export type BookListener = (changed: readonly BookEntry[], gone: readonly string[]) => void;

const pageSize = 500;
/** Many changes in a row are read together. */
const restMs = 50;
const retryMs = 2000;

/** All records of one kind, in pages. */
export async function* allRecords(
  stores: Stores,
  ledger: Ledger,
  kind: string,
): AsyncGenerator<LedgerRecord> {
  for (let after: string | undefined; ; ) {
    const page = await ledger.records({
      kind,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
      deadline: stores.deadline(),
    });
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id;
  }
}

/** The schedules of a beat, as the ledger has them; kept up to date by its watch. */
export class ScheduleBook {
  readonly entries = new Map<string, BookEntry>();
  /** Versions of records that can not be read, so that each is told once. */
  private readonly unreadable = new Map<string, number>();
  private listeners: readonly BookListener[] = [];
  private unwatch: (() => void) | undefined;
  private reading: Promise<void> | undefined;
  private stale = false;
  private timer: Timer | undefined;
  private stopped = false;

  constructor(private readonly parts: ScheduleBookParts) {}

  /** Resolves when the book holds what is there now. */
  async start(): Promise<void> {
    const { ledger, kind } = this.parts;
    this.unwatch = ledger.watch({
      listener: (change) => {
        if (change.kind === 'record' && change.recordKind === kind) this.refresh();
      },
    });
    await this.read();
  }

  listen(listener: BookListener): void {
    this.listeners = [...this.listeners, listener];
  }

  /** Reads again, soon. */
  refresh(): void {
    this.stale = true;
    this.readSoon(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unwatch?.();
    this.timer?.cancel();
    await this.reading;
  }

  private readSoon(delayMs: number): void {
    if (this.stopped || this.reading !== undefined || this.timer !== undefined) return;
    this.timer = this.parts.stores.clock.after(delayMs, () => {
      this.timer = undefined;
      let pauseMs = restMs;
      this.reading = this.read()
        .catch((error: unknown) => {
          this.stale = true;
          pauseMs = retryMs;
          this.parts.onProblem(undefined, error);
        })
        .then(() => {
          this.reading = undefined;
          if (this.stale) this.readSoon(pauseMs);
        });
    });
  }

  private async read(): Promise<void> {
    this.stale = false;
    const { stores, ledger, kind } = this.parts;
    const changed: BookEntry[] = [];
    const gone = new Set(this.entries.keys());
    const unread = new Set(this.unreadable.keys());
    for await (const record of allRecords(stores, ledger, kind)) {
      unread.delete(record.id);
      const before = this.entries.get(record.id);
      const isKnown = before?.version === record.version && before.text === record.value;
      const entry = isKnown ? before : this.open(record);
      if (entry === undefined) continue;
      gone.delete(record.id);
      if (entry === before) continue;
      this.entries.set(record.id, entry);
      changed.push(entry);
    }
    for (const name of gone) this.entries.delete(name);
    for (const name of unread) this.unreadable.delete(name);
    if (changed.length === 0 && gone.size === 0) return;
    for (const listener of this.listeners) listener(changed, [...gone]);
  }

  private open({ id, version, value }: LedgerRecord): BookEntry | undefined {
    if (this.unreadable.get(id) === version) return undefined;
    try {
      const record = readRecord(id, value);
      const entry = {
        name: id,
        version,
        text: value,
        record,
        schedule: openSchedule(record.schedule, this.parts.surroundings),
      };
      this.unreadable.delete(id);
      return entry;
    } catch (error) {
      this.unreadable.set(id, version);
      this.parts.onProblem(id, error);
      return undefined;
    }
  }
}
