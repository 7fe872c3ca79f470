import type { AppOptions } from '@lovage/core';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';
import type { TaskHttpOptions } from '../http/http-options.js';
import type { TaskLoggingOptions } from '../logging/logging-options.js';

/** Options that describe the module itself and must be known before any provider exists. */
export interface TaskQueueModuleExtras {
  /** Name of the task app, where an application has several. Default `default`. */
  readonly name?: string;
  /** `TaskClient` and `TaskApp` can be injected everywhere. Default true; false: only where the module is imported. */
  readonly isGlobal?: boolean;
  /** HTTP endpoints for tasks. Default false: none. `true`: all defaults. */
  readonly http?: boolean | TaskHttpOptions;
}

/** Options that may come from a factory: all of core, and logging. */
export interface TaskQueueOptions extends AppOptions {
  /** What is logged of tasks through Nest's Logger. Default true; false: nothing. */
  readonly logger?: boolean | TaskLoggingOptions;
}

/** What `TaskQueueModule.forRoot` takes. */
export interface TaskQueueModuleOptions extends TaskQueueOptions, TaskQueueModuleExtras {}

/** What `useClass` and `useExisting` name. */
export interface TaskQueueOptionsFactory {
  createTaskQueueOptions(): TaskQueueOptions | Promise<TaskQueueOptions>;
}

/** What `TaskQueueModule.forRootAsync` takes: exactly one of `useFactory`, `useClass`, `useExisting`. */
export interface TaskQueueModuleAsyncOptions extends TaskQueueModuleExtras {
  /** Modules that provide what is injected. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Arguments of `useFactory`. */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  // reason: what a factory is given depends on `inject`; no type can follow that.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory?: (...args: any[]) => TaskQueueOptions | Promise<TaskQueueOptions>;
  readonly useClass?: Type<TaskQueueOptionsFactory>;
  readonly useExisting?: InjectionToken<TaskQueueOptionsFactory>;
}
