import { isLovageError, type PeriodicEntry, scheduleSpec } from '@lovage/core';
import { Injectable, type InjectionToken } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { BootProblems } from '../errors/boot-problems.js';
import { PERIODIC_INVALID } from '../errors/nest-errors.js';
import { TaskAppDirectory } from '../module/task-app-directory.js';
import { TaskFinder } from '../task/task-finder.js';
import type { TaskMethod } from '../task/task-method.js';
import { type PeriodicMetadata, readPeriodicMetadata } from './periodic-metadata.js';
import { isPeriodicFactory, type PeriodicConfiguration } from './periodic-source.js';

/** A schedule that a method declares. */
export interface DeclaredPeriodic {
  readonly name: string;
  /** Name of the task app. */
  readonly app: string;
  readonly entry: PeriodicEntry;
}

/** Declares the schedules of `@Periodic()` to the apps of their tasks. */
@Injectable()
export class PeriodicRegistrar {
  /** What was declared, in the order of its discovery. */
  readonly declared: DeclaredPeriodic[] = [];

  constructor(
    private readonly finder: TaskFinder,
    private readonly directory: TaskAppDirectory,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * Called once, when all providers have been made.
   *
   * @throws the problem, or LOVAGE_TASKS_INVALID with all of them
   */
  async declare(): Promise<void> {
    const problems = new BootProblems();
    for (const { task, source } of this.finder.findTasks(true)) {
      for (const [index, metadata] of readPeriodicMetadata(task.owner, task.methodName).entries()) {
        await this.declareOne(task, metadata, index, source).catch((error: unknown) => problems.add(error));
      }
    }
    problems.throwIfAny();
  }

  private async declareOne(
    task: TaskMethod,
    { source, options }: PeriodicMetadata,
    index: number,
    where: string,
  ): Promise<void> {
    const { name = index === 0 ? task.name : `${task.name}#${index + 1}`, ...rest } = options;
    const { app } = this.directory.get(task.app, `@Periodic() on ${where}`);
    try {
      const given = isPeriodicFactory(source)
        ? await source.useFactory(...(source.inject ?? []).map((token) => this.inject(token)))
        : source;
      if (given === undefined || given === null) return;
      const configured: PeriodicConfiguration = hasSchedule(given) ? given : { schedule: given };
      const entry: PeriodicEntry = {
        ...rest,
        ...configured,
        task: task.name,
        schedule: scheduleSpec(configured.schedule),
      };
      app.declarePeriodic(name, entry);
      this.declared.push({ name, app: task.app, entry });
    } catch (error) {
      throw PERIODIC_INVALID.create(
        { source: where, problem: isLovageError(error) ? error.message : messageOf(error) },
        error,
      );
    }
  }

  private inject(token: InjectionToken): unknown {
    return this.moduleRef.get<unknown>(token as never, { strict: false });
  }
}

const hasSchedule = (given: unknown): given is PeriodicConfiguration =>
  typeof given === 'object' && given !== null && 'schedule' in given;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
