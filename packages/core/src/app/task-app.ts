import type { Clock } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import { randomId } from '../clock/random-id.js';
import { randomNumber } from '../clock/random-number.js';
import { SystemClock } from '../clock/system-clock.js';
import { TaskClient } from '../client/task-client.js';
import { Beat } from '../beat/beat.js';
import type { PeriodicEntry } from '../beat/periodic-entry.js';
import { readEntry } from '../beat/read-entry.js';
import { Schedules } from '../beat/schedules.js';
import { SCHEDULE_DUPLICATE } from '../errors/schedule-errors.js';
import { EventHub } from '../events/event-hub.js';
import { Service } from '../lifecycle/service.js';
import type { Driver, DriverContext } from '../ports/driver.js';
import { ControlReader } from '../monitor/control-reader.js';
import { RemoteControl } from '../monitor/remote-control.js';
import { Router } from '../routing/router.js';
import type { Stores } from '../stores/stores.js';
import { TaskRegistry } from '../task/task-registry.js';
import type { ChildApp, ChildExecutor } from '../worker/pools/child/child-application.js';
import { ChildRuns } from '../worker/pools/child/child-runs.js';
import { insidePoolChild } from '../worker/pools/child/inside-pool-child.js';
import type { ChildPrograms } from '../worker/pools/create-pool.js';
import { ParentStore } from '../worker/pools/relay/parent-store.js';
import { addBuiltinTasks } from '../worker/builtins/builtin-tasks.js';
import { Worker } from '../worker/worker.js';
import type { AppOptions } from './app-options.js';
import { isEmbedded } from './is-embedded.js';
import { openDriver } from './open-driver.js';
import { openStores } from './open-stores.js';
import { processRole } from './process-role.js';
import { readOptions } from './read-options.js';
import { revocationBroadcast } from './revocation-broadcast.js';
import type { Settings } from './settings.js';
import { WorkerControl } from './worker-control.js';

/** What an app is made of beside its options; all have defaults. Tests hand in their own. */
export interface AppParts {
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** A new random id; default: a UUID of version 4. */
  readonly newId?: () => string;
  /** Ports to use in place of those that the URLs name. */
  readonly driver?: Driver;
  /** Random numbers from 0 to below 1, for jitter. */
  readonly random?: () => number;
  /** Host name, for the names of workers and publishers. Default `localhost`. */
  readonly host?: string;
  /** Number that tells publishers on one host apart, for Celery's `origin`. Default 0. */
  readonly pid?: number;
  /** How long the leases of limits and unique tasks last beyond the death of a worker: milliseconds. Default 30,000. */
  readonly limitLeaseMs?: number | undefined;
  /** Where the programs of a pool's children are. Default: beside the code of this package. */
  readonly childPrograms?: ChildPrograms | undefined;
}

/** Closing may take this long when a start has failed. */
const closingMs = 2000;

/**
 * Everything of one project in one process: its tasks, a client, the stores behind them and, where asked for, a worker.
 *
 * ```ts
 * const app = await TaskApp.create();
 * app.registry.add({ name: 'math.add', run: ([x, y]) => Number(x) + Number(y), options: {}, source: 'example' });
 * await app.start();
 * const result = await app.client.send<number>('math.add', { args: [2, 3] });
 * await result.get(); // 5
 * ```
 */
export class TaskApp extends Service implements ChildApp {
  readonly clock: Clock;
  readonly client: TaskClient;
  /** Absent where this process runs no worker. */
  readonly worker: Worker | undefined;
  /** Sends Celery's control commands to all workers, those of Python included. */
  readonly control: RemoteControl;
  private readonly controlReader: ControlReader | undefined;
  /** The schedules of periodic tasks, wherever beats run. */
  readonly schedules: Schedules;
  /** Absent where this process runs no beat. */
  readonly beat: Beat | undefined;
  /** How long the worker's running tasks may go on at a stop: milliseconds. */
  readonly drainTimeoutMs: number;
  private readonly periodic = new Map<string, PeriodicEntry>();
  /** Of an app in a child of a pool: where the embedded store is. */
  private parent: ParentStore | undefined;

  private constructor(
    /** Tasks are added before `start`. */
    readonly registry: TaskRegistry,
    /** What happens to tasks and workers in this process. */
    readonly events: EventHub,
    readonly stores: Stores,
    readonly settings: Settings,
    parts: AppParts,
  ) {
    super('the task app');
    const newId = parts.newId ?? randomId;
    this.clock = stores.clock;
    // In a child of a pool the same application executes for its parent, which consumes.
    const worker = insidePoolChild() ? undefined : settings.worker;
    const beat = insidePoolChild() ? undefined : settings.beat;
    this.drainTimeoutMs = worker?.drainTimeoutMs ?? 0;
    this.control = new RemoteControl(stores, newId);
    const controlled = settings.remoteControl && this.control.possible;
    addBuiltinTasks(registry, stores, settings);
    const router = new Router(settings);
    const origin = `gen${parts.pid ?? 0}@${parts.host ?? 'localhost'}`;
    this.client = new TaskClient({
      stores,
      registry,
      newId,
      broadcast: controlled ? revocationBroadcast(this.control) : undefined,
      router,
      settings: { ...settings, origin },
    });
    this.worker =
      worker &&
      new Worker({
        ...settings,
        stores,
        registry,
        events,
        newId,
        router,
        origin,
        random: parts.random ?? randomNumber,
        settings: worker,
        childPrograms: parts.childPrograms,
        limitLeaseMs: parts.limitLeaseMs,
      });
    if (this.worker !== undefined && controlled) this.controlReader = this.readerFor(this.worker, newId);
    for (const [name, entry] of Object.entries(settings.schedules.declared)) this.periodic.set(name, entry);
    this.schedules = new Schedules({
      stores,
      registry,
      client: this.client,
      settings: settings.schedules,
      keepsResults: stores.results?.capabilities.shared === true && settings.trackSent,
    });
    this.beat =
      beat &&
      new Beat({
        stores,
        events,
        newId,
        client: this.client,
        schedules: this.schedules,
        scheduleSettings: settings.schedules,
        settings: beat,
        declared: () => this.periodic,
      });
  }

  /**
   * Reads the options and loads the drivers that the URLs name. Nothing is connected yet: that happens at `start`, or at
   * the first use of the client.
   *
   * @throws LOVAGE_OPTION_INVALID, LOVAGE_SCHEME_UNKNOWN, LOVAGE_DRIVER_MISSING, LOVAGE_CAPABILITY_MISSING
   */
  static async create(options: AppOptions = {}, parts: AppParts = {}): Promise<TaskApp> {
    const role = processRole();
    const settings = readOptions(role?.options(options) ?? options, {
      host: parts.host ?? 'localhost',
      newId: parts.newId ?? randomId,
    });
    const clock = parts.clock ?? new SystemClock();
    const events = new EventHub();
    const context: DriverContext = {
      clock,
      newId: parts.newId ?? randomId,
      onWarning: (error) => events.tell({ type: 'store-warning', error }),
    };
    // The embedded store of a child is the one of its parent: nobody would consume what its tasks send elsewhere.
    const parent = insidePoolChild() ? new ParentStore(clock) : undefined;
    const open = async (option: string, url: string): Promise<Driver> =>
      parent !== undefined && isEmbedded(url) ? parent.driver : await openDriver(option, url, context);
    const stores = await openStores(settings, clock, open, parts.driver);
    const app = new TaskApp(new TaskRegistry(settings.taskDefaults), events, stores, settings, parts);
    app.parent = parent;
    role?.onApp(app);
    return app;
  }

  /** Running tasks get no more time: a stop that goes on, or comes, cuts them and hands their messages back. */
  hurry(): void {
    this.worker?.hurry();
  }

  /**
   * Declares a periodic task, as `beatSchedule` does. Called before `start`.
   *
   * @throws LOVAGE_SCHEDULE_INVALID, LOVAGE_SCHEDULE_DUPLICATE
   */
  declarePeriodic(name: string, entry: PeriodicEntry): void {
    readEntry(name, entry, this.settings.schedules);
    if (this.periodic.has(name)) throw SCHEDULE_DUPLICATE.create({ schedule: name });
    this.periodic.set(name, entry);
  }

  /** A deadline for `stop` that leaves running tasks their drain time. */
  stopDeadline(): Deadline {
    return Deadline.in(this.clock, this.drainTimeoutMs);
  }

  /** Executes what the parent of a pool's child tells it; for what runs in the child. */
  childExecutor({ hostname, tell }: Parameters<ChildApp['childExecutor']>[0]): ChildExecutor {
    const { clock, registry, settings } = this;
    this.parent?.connect(tell);
    const runs = new ChildRuns({ clock, registry, decoding: settings, hostname, tell });
    return {
      take: (message) => {
        if (message.kind === 'answer' || message.kind === 'refused' || message.kind === 'record')
          this.parent?.take(message);
        else runs.take(message);
      },
    };
  }

  /** Stops with the app's own drain time. */
  async close(): Promise<void> {
    await this.stop(this.stopDeadline());
  }

  /** Closes also what its client has opened without a start. */
  override async stop(deadline: Deadline): Promise<void> {
    await super.stop(deadline);
    await this.closeStores();
  }

  protected async onStart(): Promise<void> {
    // A child has a connection only where its tasks need one.
    if (insidePoolChild()) return;
    await this.stores.open();
    // Whoever hears that a worker is there may ask it something.
    await this.controlReader?.start();
    if (this.stopRequested.aborted) return;
    await this.startWorker();
    if (this.stopRequested.aborted) return;
    await this.beat?.start();
  }

  /** A stop that comes meanwhile does not wait for what the worker waits for: its children may need a minute, or hang. */
  private async startWorker(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    const giveUp = (): void => {
      // Whoever stops the app hears of what goes wrong.
      worker.stop(this.stopDeadline()).catch(() => undefined);
    };
    this.stopRequested.addEventListener('abort', giveUp, { once: true });
    try {
      await worker.start();
    } finally {
      this.stopRequested.removeEventListener('abort', giveUp);
    }
  }

  protected async onStop(deadline: Deadline): Promise<void> {
    await this.beat?.stop(deadline);
    await this.worker?.stop(deadline);
    await this.controlReader?.stop(Deadline.in(this.clock, closingMs));
    await this.closeStores();
  }

  protected deadlineAfterFailedStart(): Deadline {
    return Deadline.in(this.clock, closingMs);
  }

  /** Takes the commands that are meant for a worker. */
  private readerFor(worker: Worker, newId: () => string): ControlReader {
    const { stores, registry, events, settings } = this;
    return new ControlReader({
      stores,
      worker: new WorkerControl({ worker, stores, registry, revokeTtlMs: settings.revokeTtlMs }),
      newId,
      onProblem: (error) =>
        events.tell({
          type: 'worker-problem',
          hostname: worker.hostname,
          error,
          taskId: undefined,
          taskName: undefined,
        }),
    });
  }

  /** Twice is legal. */
  private async closeStores(): Promise<void> {
    const closing = Deadline.in(this.clock, closingMs);
    await this.client.stop(closing);
    await closing.within(this.control.close());
    await this.stores.close(closing);
  }
}
