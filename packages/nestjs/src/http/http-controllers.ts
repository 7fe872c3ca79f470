import type { Schedules, TaskClient } from '@lovage/core';
import {
  Controller,
  type DynamicModule,
  Inject,
  type InjectionToken,
  type Type,
  UseGuards,
} from '@nestjs/common';
import type { TaskEndpointOptions, TaskHttpOptions } from './http-options.js';
import { ScheduleHttpController } from './schedule-http-controller.js';
import { TaskHttpController } from './task-http-controller.js';

/**
 * The controllers that the option `http` asks for. Wrong options are told when the application starts, with all others;
 * here they only must not throw.
 */
export function httpControllers(
  http: boolean | TaskHttpOptions,
  client: InjectionToken<TaskClient>,
  schedulesToken: InjectionToken<Schedules>,
): Type[] {
  if (http === false) return [];
  const options: TaskHttpOptions = typeof http === 'object' && http !== null ? http : {};
  class TasksController extends TaskHttpController {
    constructor(@Inject(client) tasks: TaskClient) {
      super(tasks, endpointOptions(options));
    }
  }
  decorate(TasksController, options.path ?? 'tasks', options);
  const { schedules = false } = options;
  if (schedules === false) return [TasksController];

  class SchedulesController extends ScheduleHttpController {
    constructor(@Inject(schedulesToken) kept: Schedules) {
      super(kept);
    }
  }
  decorate(SchedulesController, schedules === true ? 'schedules' : schedules, options);
  return [TasksController, SchedulesController];
}

function decorate(controller: Type, path: string, { version, guards = [] }: TaskHttpOptions): void {
  Controller({ path, ...(version === undefined ? {} : { version }) })(controller);
  if (guards.length > 0) UseGuards(...guards)(controller);
}

/** Modules that the guards need. */
export function httpImports(http: boolean | TaskHttpOptions): NonNullable<DynamicModule['imports']> {
  return typeof http === 'object' && Array.isArray(http?.imports) ? http.imports : [];
}

function endpointOptions({ maxWait, heartbeat, showTraceback }: TaskHttpOptions): TaskEndpointOptions {
  return {
    ...(maxWait === undefined ? {} : { maxWait }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(showTraceback === undefined ? {} : { showTraceback }),
  };
}
