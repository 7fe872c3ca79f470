import type { TaskApp } from '@lovage/core';
import { type Booted, bootApplication } from '../application/boot-application.js';
import type { CommandOutput } from '../command-output.js';
import { errorText } from '../errors/error-text.js';
import { exitStatus, statusOfFailure } from '../exit-status.js';
import { Health } from '../health/health.js';
import { logEvents } from '../log/log-events.js';
import type { ProcessFlags, ProcessRole } from './process-role.js';
import { listenToSignals } from './signals.js';

/** Time beyond the patience with what runs for handing back, settling and closing. */
const closingMs = 15_000;
/** The same for a cold shutdown. */
const coldMs = 10_000;

/**
 * The process that `lovage worker` or `lovage beat` is.
 *
 * STARTING  the application is loaded and started; a signal moves to ENDING, and what has begun to start is stopped.
 * READY     it does what it is for; a signal moves to ENDING.
 * ENDING    a warm one waits for what runs, a cold one cuts it; a second signal makes a warm one cold.
 * ENDED     terminal: the status is known. Where ENDING takes too long it comes by the clock, with the status `software`.
 */
export class RoleProcess {
  private state: 'starting' | 'ready' | 'ending' = 'starting';
  private booted: Booted | undefined;
  private health: Health | undefined;
  private overdue: NodeJS.Timeout | undefined;
  private readonly apps: TaskApp[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly ended: Promise<number>;
  private finish!: (status: number) => void;

  constructor(
    private readonly role: ProcessRole,
    private readonly flags: ProcessFlags,
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
    const { flags, output, role } = this;
    const level = flags.loglevel ?? 'log';
    const health = new Health(flags, () => this.isReady, output.complain);
    this.health = health;
    this.ends.push(() => health.close());
    await health.open();
    const booted = await bootApplication({
      given: flags.app,
      options: role.options,
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
    for (const app of this.apps) {
      for (const text of role.introduce(app, flags.quiet === true)) output.say(text);
    }
  }

  private add(app: TaskApp): void {
    this.role.check(app);
    this.apps.push(app);
    const end = this.role.listen?.(app);
    if (end !== undefined) this.ends.push(end);
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
    return this.state === 'ready' && this.apps.every((app) => this.role.isReady(app));
  }

  private warm(signal: string): void {
    const patienceMs = this.role.patienceMs(this.apps);
    this.output.say(`${signal}: ${this.role.farewell('warm', patienceMs)}`);
    this.end(patienceMs + closingMs);
  }

  private cold(signal: string): void {
    this.output.say(`${signal}: ${this.role.farewell('cold', 0)}`);
    for (const app of this.apps) this.role.hurry(app);
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
      () => this.finish(this.role.status()),
      (error: unknown) => {
        this.output.complain(errorText(error));
        this.finish(exitStatus.failed);
      },
    );
  }

  private endOverdue(ms: number): void {
    const { name, overdue } = this.role;
    this.output.complain(`the ${name} did not end within ${ms / 1000} s; ${overdue}`);
    this.finish(exitStatus.software);
  }
}
