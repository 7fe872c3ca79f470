import { Deadline } from '../clock/deadline.js';
import type { Timer } from '../clock/clock.js';
import type { TaskClient } from '../client/task-client.js';
import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import type { EventHub } from '../events/event-hub.js';
import { Service } from '../lifecycle/service.js';
import type { Ledger } from '../ports/ledger.js';
import type { Stores } from '../stores/stores.js';
import type { BeatSettings, ScheduleSettings } from './beat-settings.js';
import { keepInStep } from './declared-schedules.js';
import { Leadership } from './leadership.js';
import type { PeriodicEntry } from './periodic-entry.js';
import { type BookEntry, ScheduleBook } from './schedule-book.js';
import { hostRunId, RecordKinds } from './schedule-record.js';
import type { Schedules } from './schedules.js';
import { TickSender } from './tick-sender.js';
import { Ticker } from './ticker.js';

export interface BeatParts {
  readonly stores: Stores;
  readonly client: TaskClient;
  readonly schedules: Schedules;
  readonly events: EventHub;
  readonly newId: () => string;
  readonly scheduleSettings: ScheduleSettings;
  readonly settings: BeatSettings;
  /** What the code declares, by name. Asked when it starts. */
  readonly declared: () => ReadonlyMap<string, PeriodicEntry>;
}

/** One claim and the schedules that go with it. */
interface Claim {
  readonly leadership: Leadership;
  readonly ticker: Ticker;
}

/** Closing may take this long when a start has failed. */
const closingMs = 2000;

/**
 * Sends periodic tasks. Any number of beats may run: one leads and sends the ticks for all, and one on each host those that run on
 * every host. The others take over within the time of a lease, and at once when the leader stops.
 */
export class Beat extends Service {
  private readonly kinds: RecordKinds;
  private readonly claims: Claim[] = [];
  private readonly sender: TickSender;
  private readonly book: ScheduleBook;
  private readonly owner: string;
  private alive: Timer | undefined;
  private announced = false;
  private common: Claim | undefined;
  private onHost: Claim | undefined;

  constructor(private readonly parts: BeatParts) {
    super('the beat');
    const { stores, client, settings, scheduleSettings } = parts;
    this.kinds = new RecordKinds(scheduleSettings.name);
    this.owner = `${settings.host}:${parts.newId()}`;
    this.sender = new TickSender({
      stores,
      client,
      ledger: this.ledger,
      kinds: this.kinds,
      host: settings.host,
    });
    this.book = new ScheduleBook({
      stores,
      ledger: this.ledger,
      kind: this.kinds.schedules,
      surroundings: scheduleSettings,
      onProblem: (schedule, error) => parts.events.tell({ type: 'beat-problem', schedule, error }),
    });
  }

  /** Whether this beat sends the ticks of schedules that run once for all hosts. */
  get leads(): boolean {
    return this.common?.leadership.held !== undefined;
  }

  protected async onStart(): Promise<void> {
    const { stores, events, settings, scheduleSettings, schedules } = this.parts;
    await stores.open();
    await keepInStep(this.parts.declared(), schedules);
    await this.book.start();
    if (settings.keepsAlive) this.alive = stores.clock.keepAlive();
    this.announced = true;
    events.tell({ type: 'beat-started', beat: scheduleSettings.name, hostname: settings.host });
    this.beginWhereNeeded();
    this.book.listen((changed, gone) => {
      this.beginWhereNeeded();
      for (const { ticker } of this.claims) ticker.change(changed, gone);
    });
  }

  protected async onStop(deadline: Deadline): Promise<void> {
    const { stores, events, settings, scheduleSettings } = this.parts;
    await Promise.all(this.claims.map(async ({ leadership }) => await leadership.retire()));
    await this.book.stop();
    await Promise.all(this.claims.map(async ({ ticker }) => await ticker.stop(deadline)));
    // Also when the deadline has passed: others wait for it.
    const closing = Deadline.in(stores.clock, Math.max(deadline.leftMs(), closingMs));
    for (const { leadership } of this.claims) {
      await leadership
        .handOver(closing)
        .catch((error: unknown) => events.tell({ type: 'beat-problem', schedule: undefined, error }));
    }
    this.alive?.cancel();
    if (this.announced)
      events.tell({ type: 'beat-stopped', beat: scheduleSettings.name, hostname: settings.host });
  }

  protected deadlineAfterFailedStart(): Deadline {
    return Deadline.in(this.parts.stores.clock, closingMs);
  }

  private get ledger(): Ledger {
    const { ledger, broker } = this.parts.stores;
    if (ledger !== undefined) return ledger;
    throw CAPABILITY_MISSING.create({
      driver: broker.address,
      capability: 'beat',
      instead: 'Use a broker with a ledger.',
    });
  }

  /** Where there is nothing to send nothing is claimed: a claim costs a call every few seconds. */
  private beginWhereNeeded(): void {
    if (this.stopped) return;
    const { settings, scheduleSettings } = this.parts;
    const { host } = settings;
    const entries = [...this.book.entries.values()];
    if (this.common === undefined && entries.some(isCommon))
      this.common = this.begin(scheduleSettings.name, (name) => name, isCommon);
    if (this.onHost === undefined && entries.some(isOnHosts))
      this.onHost = this.begin(
        `${scheduleSettings.name}@${host}`,
        (name) => hostRunId(host, name),
        isOnHosts,
      );
  }

  private begin(
    lease: string,
    runIdOf: (schedule: string) => string,
    takes: (entry: BookEntry) => boolean,
  ): Claim {
    const { stores, events, settings } = this.parts;
    const { ledger, kinds, sender, book } = this;
    const hostname = settings.host;
    const onProblem = (error: unknown): void =>
      events.tell({ type: 'beat-problem', schedule: undefined, error });
    const ticker = new Ticker({
      stores,
      ledger,
      events,
      kinds,
      sender,
      leadership: () => leadership,
      runIdOf,
      takes,
    });
    const leadership: Leadership = new Leadership({
      stores,
      ledger,
      name: lease,
      owner: this.owner,
      ttlMs: settings.leaseMs,
      recordKind: kinds.leaders,
      hostname,
      onGained: (held) => {
        events.tell({ type: 'beat-leading', lease, hostname, fence: held.fence });
        ticker
          .lead(held, () => book.entries.values())
          .catch((error: unknown) => {
            onProblem(error);
            // Without what was sent last it must not send: another may, or this one after its next claim.
            leadership.refused(held);
          });
      },
      onLost: (reason) => {
        events.tell({ type: 'beat-following', lease, hostname, reason });
        ticker.rest();
      },
      onRenewed: () => ticker.checkCalendar(),
      onProblem,
    });
    const part = { leadership, ticker };
    this.claims.push(part);
    leadership.start();
    return part;
  }
}

const isOnHosts = ({ record }: BookEntry): boolean => record.hostQueue !== undefined;
const isCommon = (entry: BookEntry): boolean => !isOnHosts(entry);
