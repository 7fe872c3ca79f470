import type { TaskApp } from '@lovage/core';
import { type Booted, bootApplication } from '../application/boot-application.js';
import type { CommandOutput } from '../command-output.js';
import { STORE_EMBEDDED } from '../errors/cli-errors.js';
import { errorText } from '../errors/error-text.js';
import { exitStatus, statusOfFailure } from '../exit-status.js';
import { logEvents } from '../log/log-events.js';
import { packageVersion } from '../package-version.js';
import { listenToSignals } from '../worker/signals.js';
import type { BeatFlags } from './beat-flags.js';
import { asBeat } from './beat-role.js';

/** Longest time for handing over and closing. */
const closingMs = 15_000;

/**
 * The process that `lovage beat` is: loads the application, runs its beat, and hands over when it is told to end.
 */
export class BeatProcess {
  private booted: Booted | undefined;
  private told = false;
  private overdue: NodeJS.Timeout | undefined;
  private readonly apps: TaskApp[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly ended: Promise<number>;
  private finish!: (status: number) => void;

  constructor(
    private readonly flags: BeatFlags & { readonly app: string },
    private readonly output: CommandOutput,
  ) {
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /** Runs until it is told to end, or can not start; gives the exit status. Once. */
  async run(): Promise<number> {
    const end = (signal: string): void => this.end(signal);
    this.ends.push(listenToSignals({ warm: end, cold: end }));
    try {
      await this.start();
    } catch (error) {
      if (!this.told) this.output.complain(errorText(error));
      this.finish(this.told ? exitStatus.ok : statusOfFailure(error));
    }
    const status = await this.ended;
    clearTimeout(this.overdue);
    for (const one of this.ends.toReversed()) one();
    return status;
  }

  private async start(): Promise<void> {
    const { flags, output } = this;
    const level = flags.loglevel ?? 'log';
    this.booted = await bootApplication({
      given: flags.app,
      options: (given) => asBeat(given, flags),
      level,
      start: true,
      onApp: (app) => this.add(app),
    });
    if (this.told) {
      this.close(this.booted);
      return;
    }
    if (!this.booted.logs) for (const app of this.apps) this.ends.push(logEvents(app, level, output.say));
    for (const app of this.apps) {
      const { broker, schedules } = app.settings;
      if (!flags.quiet)
        output.say(`lovage ${packageVersion()} beat "${schedules.name}", ${addressOf(broker)}`);
      output.say('beat ready.');
    }
  }

  private add(app: TaskApp): void {
    if (/^\s*memory:/i.test(app.settings.broker))
      throw STORE_EMBEDDED.create({ option: 'broker', what: 'beat' });
    this.apps.push(app);
  }

  private end(signal: string): void {
    if (this.told) return;
    this.told = true;
    this.output.say(`${signal}: the beat hands over and ends`);
    this.overdue = setTimeout(() => {
      this.output.complain(`the beat did not end within ${closingMs / 1000} s`);
      this.finish(exitStatus.software);
    }, closingMs);
    if (this.booted === undefined) for (const app of this.apps) void app.close().catch(() => undefined);
    else this.close(this.booted);
  }

  private close(booted: Booted): void {
    booted.close().then(
      () => this.finish(exitStatus.ok),
      (error: unknown) => {
        this.output.complain(errorText(error));
        this.finish(exitStatus.failed);
      },
    );
  }
}

/** Without what may be a password. */
function addressOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
