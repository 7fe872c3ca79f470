import type { TaskClient } from '../client/task-client.js';
import type { TaskResult } from '../client/task-result.js';
import {
  SCHEDULE_CONFLICT,
  SCHEDULE_DECLARED,
  SCHEDULE_DUPLICATE,
  SCHEDULE_INVALID,
  SCHEDULE_UNKNOWN,
} from '../errors/schedule-errors.js';
import type { LedgerRecord } from '../ports/ledger.js';
import { hostFormat } from '../routing/host-format.js';
import type { Stores } from '../stores/stores.js';
import type { TaskRegistry } from '../task/task-registry.js';
import type { ScheduleSettings } from './beat-settings.js';
import { parsedRecord } from './parsed-record.js';
import type { PeriodicEntry } from './periodic-entry.js';
import { definitionText, entryOf, readEntry, readRecord } from './read-entry.js';
import type { ScheduleDefinition, ScheduleRecord } from './schedule-record.js';
import { type Done, mostAttempts, ScheduleShelf } from './schedule-shelf.js';
import { type BeatInfo, type ScheduleInfo, scheduleInfo } from './schedule-view.js';

export interface SchedulesParts {
  readonly stores: Stores;
  readonly client: TaskClient;
  readonly registry: TaskRegistry;
  readonly settings: ScheduleSettings;
  /** Results are kept, and that an id was sent. */
  readonly keepsResults: boolean;
}

/**
 * The schedules of a beat: list, add, change, pause, resume, run and delete them while everything runs. They are records of the
 * ledger, so that changes hold for all beats at once and outlive them.
 *
 * ```ts
 * await schedules.add('nightly report', { task: 'report.make', schedule: crontab({ minute: 0, hour: 2 }) });
 * await schedules.change('nightly report', { schedule: '30 3 * * *' });
 * await schedules.pause('nightly report');
 * ```
 */
export class Schedules {
  private readonly shelf: ScheduleShelf;

  constructor(private readonly parts: SchedulesParts) {
    this.shelf = new ScheduleShelf(parts.stores, parts.settings.name);
  }

  /** All schedules, by name. */
  async list(): Promise<readonly ScheduleInfo[]> {
    const done = await this.shelf.allDone();
    const infos: ScheduleInfo[] = [];
    for await (const record of this.shelf.all(this.shelf.kinds.schedules))
      infos.push(this.view(record, done.get(record.id)));
    return infos;
  }

  /** @throws LOVAGE_SCHEDULE_UNKNOWN */
  async get(name: string): Promise<ScheduleInfo> {
    const found = (await this.list()).find((info) => info.name === name);
    if (found === undefined) throw this.unknown(name);
    return found;
  }

  /**
   * Adds a schedule; it is due from now on.
   *
   * @throws LOVAGE_SCHEDULE_DUPLICATE, LOVAGE_SCHEDULE_INVALID, and what `TaskClient.send` throws for wrong arguments, where the task is known here
   */
  async add(name: string, entry: PeriodicEntry): Promise<ScheduleInfo> {
    const definition = await this.checked(name, entry);
    const record = this.fresh(definition, entry.paused ?? false);
    if (!(await this.shelf.put(name, record, 0))) throw SCHEDULE_DUPLICATE.create({ schedule: name });
    // As of its beginning: keeping it took time, in which its first tick may have come.
    return scheduleInfo(
      { id: name, value: JSON.stringify(record) },
      undefined,
      record.activeMs,
      this.parts.settings,
    );
  }

  /**
   * Changes what is given of a schedule; the rest stays. Ticks before now are not made up for.
   *
   * @throws LOVAGE_SCHEDULE_UNKNOWN, LOVAGE_SCHEDULE_INVALID, LOVAGE_SCHEDULE_CONFLICT, and what `TaskClient.send` throws for wrong arguments
   */
  async change(name: string, changes: Partial<PeriodicEntry>): Promise<ScheduleInfo> {
    const { paused, ...rest } = changes;
    return await this.update(name, async (record) => {
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      const definition = await this.checked(name, { ...entryOf(record), ...given });
      return { ...this.fresh(definition, paused ?? record.paused), declared: record.declared };
    });
  }

  /** Sends no more ticks until it is resumed. Twice is legal. */
  async pause(name: string): Promise<ScheduleInfo> {
    return await this.update(name, (record) => (record.paused ? record : { ...record, paused: true }));
  }

  /** Goes on; what was due meanwhile is not made up for. Twice is legal. */
  async resume(name: string): Promise<ScheduleInfo> {
    return await this.update(name, (record) =>
      record.paused ? { ...record, paused: false, activeMs: this.now } : record,
    );
  }

  /**
   * Sends its task now, paused or not, besides its ticks. One that runs on every host is sent to each host whose beat runs.
   *
   * @throws LOVAGE_SCHEDULE_UNKNOWN, and what `TaskClient.send` throws
   */
  async runNow(name: string): Promise<readonly TaskResult[]> {
    const { record } = await this.read(name);
    const { task, args, kwargs, options, hostQueue } = record;
    const call = { ...options, args, kwargs };
    const queues =
      hostQueue === undefined
        ? [undefined]
        : (await this.shelf.hosts()).map((host) => hostFormat(hostQueue, host));
    const results: TaskResult[] = [];
    for (const queue of queues)
      results.push(await this.parts.client.send(task, queue === undefined ? call : { ...call, queue }));
    const last = results.at(-1);
    if (last !== undefined) await this.shelf.countManual(name, last.id, results.length);
    return results;
  }

  /** @throws LOVAGE_SCHEDULE_UNKNOWN; LOVAGE_SCHEDULE_DECLARED for one that the code declares */
  async delete(name: string): Promise<void> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const { record, version } = await this.read(name);
      if (record.declared !== undefined) throw SCHEDULE_DECLARED.create({ schedule: name });
      if (await this.shelf.put(name, undefined, version)) return;
    }
    throw SCHEDULE_CONFLICT.create({ schedule: name, attempts: mostAttempts });
  }

  /** Which beats lead at present. */
  async leaders(): Promise<readonly BeatInfo[]> {
    const found: BeatInfo[] = [];
    for await (const { id, value } of this.shelf.all(this.shelf.kinds.leaders)) {
      const { hostname } = parsedRecord(value) ?? {};
      if (typeof hostname === 'string') found.push({ lease: id, hostname });
    }
    return found;
  }

  /** What the code declared last, by name. For beats. */
  async keptDeclarations(): Promise<ReadonlyMap<string, LedgerRecord>> {
    const kept = new Map<string, LedgerRecord>();
    for await (const record of this.shelf.all(this.shelf.kinds.schedules))
      if (parsedRecord(record.value)?.['declared'] !== undefined) kept.set(record.id, record);
    return kept;
  }

  /** Adds or changes what the code declares, where the code has changed. For beats. */
  async declare(name: string, entry: PeriodicEntry, kept: LedgerRecord | undefined): Promise<void> {
    const definition = await this.checked(name, entry);
    const declared = definitionText(definition);
    let present = kept;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const before = present === undefined ? undefined : parsedRecord(present.value);
      if (before?.['declared'] === declared) return;
      const record = {
        ...this.fresh(definition, before === undefined ? (entry.paused ?? false) : before['paused'] === true),
        declared,
      };
      if (await this.shelf.put(name, record, present?.version ?? 0)) return;
      // Another beat was quicker, or it was added by hand before the code had it.
      present = await this.shelf.find(name);
    }
    throw SCHEDULE_CONFLICT.create({ schedule: name, attempts: mostAttempts });
  }

  /** Deletes what the code declares no more. For beats. */
  async withdraw(name: string): Promise<void> {
    const present = await this.shelf.find(name);
    if (present !== undefined) await this.shelf.put(name, undefined, present.version);
  }

  private get now(): number {
    return this.parts.stores.clock.wallNow();
  }

  private fresh(definition: ScheduleDefinition, paused: boolean): ScheduleRecord {
    const { now } = this;
    return { ...definition, paused, fromMs: now, activeMs: now };
  }

  private async checked(name: string, entry: PeriodicEntry): Promise<ScheduleDefinition> {
    const { settings, client, registry, keepsResults } = this.parts;
    const definition = readEntry(name, entry, settings);
    const { task, args, kwargs, options, overlap } = definition;
    // As a call would be: arguments where the task is known, options, size.
    await client.compose(task, { ...options, args, kwargs });
    const ignores = options.ignoreResult ?? registry.known(task)?.options.ignoreResult ?? false;
    if (overlap !== 'allow' && (ignores || !keepsResults)) {
      throw SCHEDULE_INVALID.create({
        what: `"overlap" of schedule "${name}"`,
        problem: `whether ${task} still runs can only be known by its result, and no store keeps it: set "results" to one that all processes read (and no "ignoreResult"), or take "allow"`,
        got: JSON.stringify(overlap),
      });
    }
    return definition;
  }

  private async update(
    name: string,
    change: (record: ScheduleRecord) => ScheduleRecord | Promise<ScheduleRecord>,
  ): Promise<ScheduleInfo> {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const { record, version } = await this.read(name);
      const next = await change(record);
      if (next === record || (await this.shelf.put(name, next, version))) return await this.get(name);
    }
    throw SCHEDULE_CONFLICT.create({ schedule: name, attempts: mostAttempts });
  }

  private unknown(name: string): Error {
    return SCHEDULE_UNKNOWN.create({ schedule: name, beat: this.parts.settings.name });
  }

  private async read(name: string): Promise<{ readonly record: ScheduleRecord; readonly version: number }> {
    const found = await this.shelf.find(name);
    if (found === undefined) throw this.unknown(name);
    return { record: readRecord(name, found.value), version: found.version };
  }

  private view(record: Pick<LedgerRecord, 'id' | 'value'>, done: Done | undefined): ScheduleInfo {
    return scheduleInfo(record, done, this.now, this.parts.settings);
  }
}
