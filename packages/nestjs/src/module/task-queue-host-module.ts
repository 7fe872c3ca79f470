import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { callersOfRequest } from '../callers/callers-of-request.js';
import { injectedTasks, type TasksRequest } from '../callers/injected-tasks.js';
import { TaskEventListeners } from '../events/task-event-listeners.js';
import { HookProviders } from '../hooks/hook-providers.js';
import { describeEndpoints } from '../http/describe-endpoints.js';
import { ScheduleHttpController } from '../http/schedule-http-controller.js';
import { TaskHttpController } from '../http/task-http-controller.js';
import { TaskQueueLifecycle } from '../lifecycle/task-queue-lifecycle.js';
import { TaskLogger } from '../logging/task-logger.js';
import { PeriodicRegistrar } from '../periodic/periodic-registrar.js';
import { TaskFinder } from '../task/task-finder.js';
import { TaskRegistrar } from '../task/task-registrar.js';
import { TaskAppDirectory } from './task-app-directory.js';
import { TASK_APP_HOST } from './task-app-host.js';

/** Resolves when tasks have been registered, while the application's providers are made. */
const TASKS_REGISTERED = Symbol('TASKS_REGISTERED');

/** Resolves when the HTTP endpoints carry their descriptions, in time for whoever makes an OpenAPI document. */
const ENDPOINTS_DESCRIBED = Symbol('ENDPOINTS_DESCRIBED');

/** What all task apps of an application share. Imported by every TaskQueueModule; there is one. */
@Module({})
class TaskQueueHostModule {}

/**
 * The module as TaskQueueModule imports it: one object, so that Nest makes one module of it. Its providers are read when
 * the application's modules are scanned, when the classes of all of them have been loaded and their decorators run.
 */
export const taskQueueHostModule: DynamicModule = {
  module: TaskQueueHostModule,
  global: true,
  imports: [DiscoveryModule],
  get providers(): Provider[] {
    return [
      TaskAppDirectory,
      TaskFinder,
      HookProviders,
      TaskEventListeners,
      TaskRegistrar,
      PeriodicRegistrar,
      TaskQueueLifecycle,
      { provide: TaskLogger, useFactory: () => new TaskLogger() },
      {
        provide: TASKS_REGISTERED,
        inject: [ModulesContainer, TaskAppDirectory, TaskRegistrar],
        useFactory: async (
          modules: ModulesContainer,
          directory: TaskAppDirectory,
          registrar: TaskRegistrar,
        ): Promise<true> => {
          await directory.complete(
            [...modules.values()].filter((module) => module.providers.has(TASK_APP_HOST)).length,
          );
          await registrar.register(false);
          return true;
        },
      },
      {
        provide: ENDPOINTS_DESCRIBED,
        inject: [TaskFinder],
        useFactory: async (finder: TaskFinder): Promise<true> => {
          if (finder.controllerClasses().some(isController)) await describeEndpoints();
          return true;
        },
      },
      ...injectedTasks.all().map(tasksProvider),
    ];
  },
  get exports(): NonNullable<DynamicModule['exports']> {
    return [TaskAppDirectory, TaskRegistrar, TaskLogger, ...injectedTasks.all().map(({ token }) => token)];
  },
};

function tasksProvider(request: TasksRequest): Provider {
  return {
    provide: request.token,
    inject: [TaskAppDirectory],
    useFactory: (directory: TaskAppDirectory) => callersOfRequest(request, directory),
  };
}

function isController(controller: object): boolean {
  const { prototype } = controller as { readonly prototype?: unknown };
  return [TaskHttpController, ScheduleHttpController].some(
    (ours) => controller === ours || prototype instanceof ours,
  );
}
