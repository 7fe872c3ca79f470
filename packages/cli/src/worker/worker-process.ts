import type { DrainReport, TaskApp } from '@lovage/core';
import { type Booted, bootApplication } from '../application/boot-application.js';
import type { CommandOutput } from '../command-output.js';
import { STORE_EMBEDDED } from '../errors/cli-errors.js';
import { errorText } from '../errors/error-text.js';
import { exitStatus, statusOfFailure } from '../exit-status.js';
import type { WorkerFlags } from '../flags/worker-flags.js';
import { Health } from '../health/health.js';
import { logEvents } from '../log/log-events.js';
import { packageVersion } from '../package-version.js';
import { banner } from './banner.js';
import { drainText } from './drain-text.js';
import { listenToSignals } from './signals.js';
import { asWorker } from './worker-role.js';

/** Time beyond the drain timeout for handing back, settling and closing. */
const closingMs = 15_000;
/** The same for a cold shutdown. */
const coldMs = 10_000;

const isEmbedded = (url: string | false): boolean => url !== false && /^\s*memory:/i.test(url);

/**
 * The process that `lovage worker` is.
 *
 * STARTING  the application is loaded and started; a signal moves to ENDING, and what has begun to start is stopped.
 * READY     tasks are taken; a signal moves to ENDING.
 * ENDING    a warm one waits for running tasks, a cold one cuts them; a second signal makes a warm one cold.
 * ENDED     terminal: the status is known. Where ENDING takes too long it comes by the clock, with the status `software`.
 */
export class WorkerProcess {
  private state: 'starting' | 'ready' | 'ending' = 'starting';
  private booted: Booted | undefined;
  private health: Health | undefined;
  private overdue: NodeJS.Timeout | undefined;
  private readonly apps: TaskApp[] = [];
  private readonly reports: DrainReport[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly ended: Promise<number>;
  private finish!: (status: number) => void;

  constructor(
    private readonly flags: WorkerFlags & { readonly app: string },
    private readonly output: CommandOutput,
  ) {
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /** Runs until it is told to end, or can not start; gives the exit status. Once. */
  async run(): Promise<number> {
    this.ends.push(
      listenToSignals({ warm: (signal) => this.warm(signal), cold: (signal) => this.cold(signal) }),
    );
    try {
      await this.start();
    } catch (error) {
      await this.startFailed(error);
    }
    const status = await this.ended;
    clearTimeout(this.overdue);
    for (const end of this.ends.toReversed()) end();
    return status;
  }

  private async start(): Promise<void> {
    const { flags, output } = this;
    const level = flags.loglevel ?? 'log';
    const health = new Health(flags, () => this.isReady, output.complain);
    this.health = health;
    this.ends.push(() => health.close());
    await health.open();
    const booted = await bootApplication({
      given: flags.app,
      options: (given, index) => asWorker(given, flags, index),
      level,
      start: true,
      onApp: (app) => this.add(app),
    });
    this.booted = booted;
    if (this.state === 'ending') {
      this.close(booted);
      return;
    }
    if (!booted.logs) for (const app of this.apps) this.ends.push(logEvents(app, level, output.say));
    health.ready();
    this.state = 'ready';
    this.introduce();
  }

  private add(app: TaskApp): void {
    const { broker, results } = app.settings;
    if (isEmbedded(broker)) throw STORE_EMBEDDED.create({ option: 'broker', what: 'worker' });
    if (isEmbedded(results)) throw STORE_EMBEDDED.create({ option: 'results', what: 'worker' });
    this.apps.push(app);
    this.ends.push(
      app.events.listen((event) => {
        if (event.type !== 'worker-drained') return;
        this.reports.push(event.report);
        this.output.say(drainText(event.hostname, event.report));
      }),
    );
  }

  /** Who was told to end while it started has nothing to complain of. */
  private async startFailed(error: unknown): Promise<void> {
    const wasTold = this.state === 'ending';
    this.state = 'ending';
    if (!wasTold) this.output.complain(errorText(error));
    try {
      await this.booted?.close();
    } catch (problem) {
      this.output.complain(errorText(problem));
    }
    this.finish(wasTold ? exitStatus.ok : statusOfFailure(error));
  }

  private get isReady(): boolean {
    return this.state === 'ready' && this.apps.every(({ worker }) => worker?.started === true);
  }

  private introduce(): void {
    const { quiet = false, app: given, taskEvents = false } = this.flags;
    const parts = { given, version: packageVersion(), taskEvents };
    for (const app of this.apps) {
      if (!quiet) this.output.say(banner(app, parts));
      this.output.say(`${app.worker?.hostname} ready.`);
    }
  }

  private warm(signal: string): void {
    const drainMs = Math.max(0, ...this.apps.map(({ drainTimeoutMs }) => drainTimeoutMs));
    const patience = `running tasks have ${drainMs / 1000} s`;
    this.output.say(`${signal}: warm shutdown, ${patience}. Once more: cold shutdown`);
    this.end(drainMs + closingMs);
  }

  private cold(signal: string): void {
    this.output.say(`${signal}: cold shutdown, running tasks are cut and handed back`);
    for (const app of this.apps) app.hurry();
    this.end(coldMs);
  }

  private end(withinMs: number): void {
    clearTimeout(this.overdue);
    this.overdue = setTimeout(() => this.endOverdue(withinMs), withinMs);
    const before = this.state;
    this.state = 'ending';
    this.health?.ending();
    if (before === 'ready' && this.booted !== undefined) this.close(this.booted);
    // Its start gives up where it waits, and the application is closed as soon as that has ended.
    if (before === 'starting') for (const app of this.apps) void app.close().catch(() => undefined);
  }

  private close(booted: Booted): void {
    booted.close().then(
      () =>
        this.finish(
          this.reports.some(({ abandoned }) => abandoned.length > 0) ? exitStatus.cut : exitStatus.ok,
        ),
      (error: unknown) => {
        this.output.complain(errorText(error));
        this.finish(exitStatus.failed);
      },
    );
  }

  private endOverdue(ms: number): void {
    const rest = 'what it had in hand comes back when its lease has run out';
    this.output.complain(`the worker did not end within ${ms / 1000} s; ${rest}`);
    this.finish(exitStatus.software);
  }
}
