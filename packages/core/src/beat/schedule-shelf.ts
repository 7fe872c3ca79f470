import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import type { Ledger, LedgerRecord } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';
import { parsedRecord } from './parsed-record.js';
import { allRecords } from './schedule-book.js';
import {
  type ManualRecord,
  RecordKinds,
  readRun,
  type RunRecord,
  type ScheduleRecord,
} from './schedule-record.js';

/** What a schedule has done, from all its records. */
export interface Done {
  run: RunRecord | undefined;
  manual: ManualRecord | undefined;
  count: number;
}

/** Changes that are tried again when another was quicker. */
export const mostAttempts = 5;

/** The records of one beat's schedules. */
export class ScheduleShelf {
  readonly kinds: RecordKinds;

  constructor(
    private readonly stores: Stores,
    private readonly beat: string,
  ) {
    this.kinds = new RecordKinds(beat);
  }

  async *all(kind: string): AsyncGenerator<LedgerRecord> {
    yield* allRecords(this.stores, await this.open(), kind);
  }

  async find(name: string, kind: string = this.kinds.schedules): Promise<LedgerRecord | undefined> {
    for await (const record of this.all(kind)) if (record.id === name) return record;
    return undefined;
  }

  /**
   * Stores, or deletes, a schedule of an expected version.
   *
   * @returns whether it had that version
   */
  async put(id: string, record: ScheduleRecord | undefined, expectedVersion: number): Promise<boolean> {
    return await this.store(this.kinds.schedules, id, record, expectedVersion);
  }

  /** Counts messages that were sent by hand. */
  async countManual(name: string, taskId: string, sent: number): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const present = await this.find(name, this.kinds.manual);
      const before = present === undefined ? undefined : parsedRecord(present.value);
      const record: ManualRecord = {
        sentMs: this.stores.clock.wallNow(),
        taskId,
        count: numberOf(before?.['count']) + sent,
      };
      if (await this.store(this.kinds.manual, name, record, present?.version ?? 0)) return;
    }
  }

  /** Hosts on which a beat runs what is for every host. */
  async hosts(): Promise<readonly string[]> {
    const prefix = `${this.beat}@`;
    const hosts: string[] = [];
    for await (const { id } of this.all(this.kinds.leaders))
      if (id.startsWith(prefix)) hosts.push(id.slice(prefix.length));
    return hosts;
  }

  /** What all schedules have done; of one that runs on every host, the latest and the sum. */
  async allDone(): Promise<ReadonlyMap<string, Done>> {
    const all = new Map<string, Done>();
    const of = (name: string): Done => {
      const done = all.get(name) ?? { run: undefined, manual: undefined, count: 0 };
      all.set(name, done);
      return done;
    };
    for await (const { id, value } of this.all(this.kinds.runs)) {
      const run = readRun(value);
      if (run === undefined) continue;
      const done = of(id.startsWith('@') ? id.slice(id.indexOf('/') + 1) : id);
      done.count += run.count;
      if ((run.sentMs ?? 0) >= (done.run?.sentMs ?? 0)) done.run = run;
    }
    for await (const { id, value } of this.all(this.kinds.manual)) {
      const { sentMs, taskId, count } = parsedRecord(value) ?? {};
      if (typeof taskId !== 'string') continue;
      const done = of(id);
      done.manual = { sentMs: numberOf(sentMs), taskId, count: numberOf(count) };
      done.count += done.manual.count;
    }
    return all;
  }

  private async store(
    kind: string,
    id: string,
    record: object | undefined,
    expectedVersion: number,
  ): Promise<boolean> {
    const ledger = await this.open();
    const outcome = await ledger.putRecord({
      kind,
      id,
      value: record && JSON.stringify(record),
      expectedVersion,
      deadline: this.stores.deadline(),
    });
    return outcome.kind === 'stored';
  }

  private async open(): Promise<Ledger> {
    const { stores } = this;
    if (!stores.opened) await stores.open();
    if (stores.ledger !== undefined) return stores.ledger;
    throw CAPABILITY_MISSING.create({
      driver: stores.broker.address,
      capability: 'schedules',
      instead: 'Use a broker with a ledger.',
    });
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
