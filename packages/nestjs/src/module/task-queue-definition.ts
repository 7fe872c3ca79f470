import type { AppParts, OptionProblem, TaskApp } from '@lovage/core';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { httpControllers, httpImports } from '../http/http-controllers.js';
import { getSchedulesToken } from '../periodic/inject-schedules.js';
import { defaultAppName } from '../task/task-method.js';
import type { TaskQueueModuleExtras, TaskQueueOptions } from './module-options.js';
import { TaskAppDirectory } from './task-app-directory.js';
import { createTaskAppHost, TASK_APP_HOST, type TaskAppHost } from './task-app-host.js';
import { taskQueueHostModule } from './task-queue-host-module.js';
import { getTaskAppToken, getTaskClientToken } from './tokens.js';

/** Token of the options inside a module. */
export const TASK_QUEUE_OPTIONS = Symbol('TASK_QUEUE_OPTIONS');

/** Options with what was found wrong with those that core does not know. */
export interface CheckedOptions {
  readonly options: TaskQueueOptions;
  readonly problems: readonly OptionProblem[];
}

export interface TaskQueueDefinition {
  readonly module: Type;
  readonly extras: TaskQueueModuleExtras;
  /** One of them gives `CheckedOptions` under TASK_QUEUE_OPTIONS. */
  readonly optionsProviders: readonly Provider[];
  readonly imports?: NonNullable<DynamicModule['imports']>;
  /** Makes parts to use in place of the default ones. */
  readonly parts?: () => AppParts;
}

/** The dynamic module of one task app. */
export function defineTaskQueue({
  module,
  extras,
  optionsProviders,
  imports = [],
  parts,
}: TaskQueueDefinition): DynamicModule {
  const { name = defaultAppName, isGlobal = true, http = false } = extras;
  const clientToken = getTaskClientToken(name);
  const appToken = getTaskAppToken(name);
  const schedulesToken = getSchedulesToken(name);
  return {
    module,
    global: isGlobal,
    imports: [taskQueueHostModule, ...imports, ...httpImports(http)],
    providers: [
      ...optionsProviders,
      {
        provide: TASK_APP_HOST,
        inject: [TASK_QUEUE_OPTIONS, TaskAppDirectory],
        useFactory: async (
          { options, problems }: CheckedOptions,
          directory: TaskAppDirectory,
        ): Promise<TaskAppHost> => {
          const host = await createTaskAppHost(name, options, problems, parts?.());
          directory.add(host);
          return host;
        },
      },
      { provide: appToken, inject: [TASK_APP_HOST], useFactory: ({ app }: TaskAppHost) => app },
      { provide: clientToken, inject: [appToken], useFactory: ({ client }: TaskApp) => client },
      { provide: schedulesToken, inject: [appToken], useFactory: ({ schedules }: TaskApp) => schedules },
    ],
    controllers: httpControllers(http, clientToken, schedulesToken),
    exports: [clientToken, appToken, schedulesToken],
  };
}
