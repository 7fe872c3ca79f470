import type { ModulesContainer } from '@nestjs/core';
import {
  type Clock,
  openSchedule,
  type Schedule,
  type Schedules,
  type ScheduleSurroundings,
  scheduleSpec,
} from '@lovage/core';
import type { DeclaredPeriodic } from './periodic-registrar.js';

/** What is needed of `SchedulerRegistry` of @nestjs/schedule. */
interface Registry {
  addCronJob(name: string, job: object): void;
  doesExist(type: 'cron', name: string): boolean;
}

/** The registry of @nestjs/schedule, where its module is imported. Found by its name, so that nobody else loads the package. */
export function findSchedulerRegistry(modules: ModulesContainer): Registry | undefined {
  for (const module of modules.values()) {
    for (const [token, { instance }] of module.providers) {
      if (typeof token !== 'function' || token.name !== 'SchedulerRegistry') continue;
      const found = instance as Partial<Registry> | null | undefined;
      if (typeof found?.addCronJob === 'function' && typeof found.doesExist === 'function')
        return found as Registry;
    }
  }
  return undefined;
}

export interface PeriodicJobParts {
  readonly declared: DeclaredPeriodic;
  readonly schedules: Schedules;
  readonly surroundings: ScheduleSurroundings;
  readonly clock: Clock;
  /** The application is being closed: @nestjs/schedule stops all jobs then, which is no wish to pause them for everybody. */
  readonly closing: () => boolean;
  readonly onError: (error: unknown) => void;
}

/**
 * A periodic task as a job of @nestjs/schedule. It runs in whatever process has a worker, once for all; `start`, `stop` and `fireOnTick` act
 * on the schedule that all processes share.
 */
export class PeriodicJob {
  readonly name: string;
  private readonly schedule: Schedule;
  private readonly beganMs: number;
  private paused: boolean;
  private firedMs: number | undefined;

  constructor(private readonly parts: PeriodicJobParts) {
    const { declared, surroundings, clock } = parts;
    this.name = declared.name;
    this.schedule = openSchedule(scheduleSpec(declared.entry.schedule), surroundings);
    this.beganMs = clock.wallNow();
    this.paused = declared.entry.paused ?? false;
  }

  /** As far as this process knows. */
  get isActive(): boolean {
    return !this.paused;
  }

  get running(): boolean {
    return this.isActive;
  }

  /** When it is due next, as far as this process knows; intervals are counted from the start of this process. */
  nextDate(): Date | null {
    const next = this.paused ? undefined : this.schedule.next(this.parts.clock.wallNow(), this.beganMs);
    return next === undefined ? null : new Date(next);
  }

  /** The latest run that this process has caused by hand. */
  lastDate(): Date | null {
    return this.firedMs === undefined ? null : new Date(this.firedMs);
  }

  /** Resumes the schedule, for all processes. */
  start(): void {
    this.paused = false;
    this.act(async () => await this.parts.schedules.resume(this.name));
  }

  /** Pauses the schedule, for all processes. */
  stop(): void {
    if (this.parts.closing()) return;
    this.paused = true;
    this.act(async () => await this.parts.schedules.pause(this.name));
  }

  /** Sends its task now. */
  readonly fireOnTick = (): void => {
    this.firedMs = this.parts.clock.wallNow();
    this.act(async () => await this.parts.schedules.runNow(this.name));
  };

  private act(action: () => Promise<unknown>): void {
    action().catch((error: unknown) => this.parts.onError(error));
  }
}
