import { randomUUID } from 'node:crypto';
import type { AppOptions } from '../../src/app/app-options.js';
import { TaskApp } from '../../src/app/task-app.js';
import type { PeriodicEntry } from '../../src/beat/periodic-entry.js';
import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { BeatEvent } from '../../src/events/beat-event.js';
import type { LovageEvent } from '../../src/events/task-event.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Driver } from '../../src/ports/driver.js';
import type { Ledger } from '../../src/ports/ledger.js';

export type Entries = Readonly<Record<string, PeriodicEntry>>;

export interface Ran {
  readonly args: readonly unknown[];
  readonly taskId: string;
  /** Calendar time of the virtual clock. */
  readonly at: string;
}

/** Beats and a worker of one project on one memory store, on one clock. */
export class BeatApps {
  readonly clock: VirtualClock;
  readonly ran: Ran[] = [];
  readonly events: LovageEvent[] = [];
  private readonly url: URL;
  private readonly apps = new Set<TaskApp>();
  private readonly keepers: Ledger[] = [];

  constructor(startAt = '2026-01-01T00:00:00Z') {
    this.clock = new VirtualClock(Date.parse(startAt));
    this.url = new URL(`memory://beat-${randomUUID()}`);
  }

  /** A process with a beat. */
  async beat(
    entries: Entries = {},
    options: AppOptions = {},
    host = 'test',
    driver?: Driver,
  ): Promise<TaskApp> {
    const app = await this.make({ worker: false, beat: { lease: '6s' }, ...options }, host, driver);
    for (const [name, entry] of Object.entries(entries)) app.declarePeriodic(name, entry);
    await app.start();
    await this.clock.settle();
    return app;
  }

  /** A process that runs the task `note`, which keeps what it is called with. */
  async worker(
    options: AppOptions = {},
    body: (...args: unknown[]) => unknown = () => null,
  ): Promise<TaskApp> {
    const app = await this.make({ worker: true, beat: false, ...options }, 'worker');
    app.registry.add({
      name: 'note',
      options: {},
      source: 'test',
      run: async (args, { id }) => {
        this.ran.push({ args, taskId: id, at: this.now });
        return await body(...args);
      },
    });
    await app.start();
    return app;
  }

  driver(): Driver {
    return createMemoryDriver(this.url, { clock: this.clock, newId: randomUUID });
  }

  get now(): string {
    return new Date(this.clock.wallNow()).toISOString().replace('.000Z', 'Z');
  }

  /** Times at which the task ran, without their date. */
  get times(): readonly string[] {
    return this.ran.map(({ at }) => at.slice(11, 19));
  }

  of<T extends BeatEvent['type']>(type: T): readonly Extract<BeatEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as never;
  }

  async close(): Promise<void> {
    const stopping = Promise.all(
      [...this.apps].map(async (app) => await app.stop(Deadline.in(this.clock, 0))),
    );
    await this.clock.advance(10_000);
    await stopping;
    this.apps.clear();
    for (const ledger of this.keepers) await ledger.close({ deadline: Deadline.in(this.clock, 0) });
  }

  /** The ledger of a store of its own that stays until the end of the test. */
  async ledgerOf(url: URL): Promise<Ledger> {
    const { ledger } = createMemoryDriver(url, { clock: this.clock, newId: randomUUID });
    await ledger.open({ deadline: Deadline.in(this.clock, 1000) });
    this.keepers.push(ledger);
    return ledger;
  }

  async stop(app: TaskApp): Promise<void> {
    await app.close();
    await this.clock.settle();
  }

  private async make(options: AppOptions, host: string, driver?: Driver): Promise<TaskApp> {
    // A store in memory ends with the last of its ports; this one stands for a server.
    if (this.keepers.length === 0) await this.ledgerOf(this.url);
    const app = await TaskApp.create(options, { clock: this.clock, host, driver: driver ?? this.driver() });
    app.events.listen((event) => this.events.push(event));
    this.apps.add(app);
    return app;
  }
}

/** A ledger whose process stands still: its calls are never answered. */
export function frozen(driver: Driver): { readonly driver: Driver; freeze(): void; thaw(): void } {
  let gate: Promise<void> | undefined;
  let open: () => void = () => undefined;
  const { ledger } = driver;
  if (ledger === undefined) throw new Error('a ledger is needed');
  const slow = new Proxy(ledger, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = (...args: unknown[]): unknown =>
        (value as (...all: unknown[]) => unknown).apply(target, args);
      if (!['renew', 'recordTick', 'acquire'].includes(String(name))) return call;
      return async (...args: unknown[]): Promise<unknown> => {
        await gate;
        return await call(...args);
      };
    },
  });
  return {
    driver: { ...driver, ledger: slow },
    freeze: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    thaw: () => {
      gate = undefined;
      open();
    },
  };
}
