import type { Duration } from '@lovage/core';
import type { CanActivate, ControllerOptions, ModuleMetadata, Type } from '@nestjs/common';

/** How the endpoints behave; also for a controller of your own that extends `TaskHttpController`. */
export interface TaskEndpointOptions {
  /** Longest `?wait=`; longer ones are cut to it. Default `60s`. */
  readonly maxWait?: Duration;
  /** Time between two signs of life on an idle event stream. At least one second; default `15s`. */
  readonly heartbeat?: Duration;
  /** Show the stack trace of a failed task. Default false: it tells strangers about the inside of the workers. */
  readonly showTraceback?: boolean;
}

/** HTTP endpoints of a task app. */
export interface TaskHttpOptions extends TaskEndpointOptions {
  /** Default `tasks`. The application's global prefix and versioning apply. */
  readonly path?: string;
  /**
   * Endpoints for schedules, at `schedules` or the path that is given: list, add, change, pause, resume, run, delete. Default false. Who may
   * add a schedule may run any task: give `guards`.
   */
  readonly schedules?: boolean | string;
  /** Version of the controller, where the application has versioning. Default: the application's `defaultVersion`. */
  readonly version?: NonNullable<ControllerOptions['version']>;
  /** Guards of all endpoints: classes or instances. Default: none, besides those of the whole application. */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules that provide what the guards inject, where it is not global. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}
