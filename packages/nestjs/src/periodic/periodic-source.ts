import type { PeriodicOptions, ScheduleInput } from '@lovage/core';
import type { InjectionToken } from '@nestjs/common';

/** A schedule with options that stand over those of the decorator. */
export interface PeriodicConfiguration extends PeriodicOptions {
  readonly schedule: ScheduleInput;
}

/** A schedule that comes from injected configuration, when the application starts. */
export interface PeriodicFactory {
  /** Arguments of `useFactory`: tokens of providers that exist when the application starts. */
  readonly inject?: readonly InjectionToken[];
  /** Gives the schedule, or one with options; nothing: it is not declared. */
  // reason: what a factory is given depends on `inject`; no type can follow that.
  readonly useFactory: (
    // oxlint-disable-next-line typescript/no-explicit-any
    ...args: any[]
  ) =>
    | ScheduleInput
    | PeriodicConfiguration
    | undefined
    | Promise<ScheduleInput | PeriodicConfiguration | undefined>;
}

/** What `@Periodic()` takes as a schedule. */
export type PeriodicSource = ScheduleInput | PeriodicFactory;

/** What `@Periodic()` takes besides. */
export interface PeriodicDecoratorOptions extends PeriodicOptions {
  /** Name of the schedule. Default: the task's name; of a second one with `#2`, and so on. */
  readonly name?: string | undefined;
}

export function isPeriodicFactory(source: PeriodicSource): source is PeriodicFactory {
  return typeof source === 'object' && source !== null && 'useFactory' in source;
}
