import type { TaskClient } from '@lovage/core';
import {
  Controller,
  type DynamicModule,
  Inject,
  type InjectionToken,
  type Type,
  UseGuards,
} from '@nestjs/common';
import type { TaskEndpointOptions, TaskHttpOptions } from './http-options.js';
import { TaskHttpController } from './task-http-controller.js';

/**
 * The controllers that the option `http` asks for. Wrong options are told when the application starts, with all others;
 * here they only must not throw.
 */
export function httpControllers(http: boolean | TaskHttpOptions, client: InjectionToken<TaskClient>): Type[] {
  if (http === false) return [];
  const options: TaskHttpOptions = typeof http === 'object' && http !== null ? http : {};
  const { path = 'tasks', version, guards = [] } = options;

  class TasksController extends TaskHttpController {
    constructor(@Inject(client) tasks: TaskClient) {
      super(tasks, endpointOptions(options));
    }
  }
  Controller({ path, ...(version === undefined ? {} : { version }) })(TasksController);
  if (guards.length > 0) UseGuards(...guards)(TasksController);
  return [TasksController];
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
