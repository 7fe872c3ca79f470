import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { asyncOptionProblems, factoryOptionProblems, moduleOptionProblems } from './check-module-options.js';
import type {
  TaskQueueModuleAsyncOptions,
  TaskQueueModuleOptions,
  TaskQueueOptions,
  TaskQueueOptionsFactory,
} from './module-options.js';
import { type CheckedOptions, defineTaskQueue, TASK_QUEUE_OPTIONS } from './task-queue-definition.js';

/**
 * A task app in a Nest application. Import it in the root module.
 *
 * ```ts
 * @Module({ imports: [TaskQueueModule.forRoot()], providers: [MathTasks] })
 * export class AppModule {}
 * ```
 *
 * Without options it runs on the embedded store, and a worker runs in this process. Options are validated when the
 * application starts; all that is wrong is told at once (LOVAGE_OPTION_INVALID).
 */
@Module({})
export class TaskQueueModule {
  static forRoot(options: TaskQueueModuleOptions = {}): DynamicModule {
    const checked: CheckedOptions = { options: appOptions(options), problems: moduleOptionProblems(options) };
    return defineTaskQueue({
      module: TaskQueueModule,
      extras: options,
      optionsProviders: [{ provide: TASK_QUEUE_OPTIONS, useValue: checked }],
    });
  }

  static forRootAsync(options: TaskQueueModuleAsyncOptions): DynamicModule {
    return defineTaskQueue({
      module: TaskQueueModule,
      extras: options,
      optionsProviders: asyncProviders(options),
      imports: options.imports ?? [],
    });
  }
}

/** What is left for core and for logging. */
function appOptions(options: TaskQueueModuleOptions): TaskQueueOptions {
  const { name: _name, isGlobal: _isGlobal, http: _http, ...others } = options;
  return others;
}

function asyncProviders(options: TaskQueueModuleAsyncOptions): readonly Provider[] {
  const { inject = [], useFactory, useClass, useExisting } = options;
  const problems = asyncOptionProblems(options);
  const checked = (given: TaskQueueOptions | undefined): CheckedOptions => ({
    options: appOptions(given ?? {}),
    problems: [...problems, ...factoryOptionProblems(given ?? {})],
  });
  if (useFactory !== undefined) {
    const call = async (...args: unknown[]): Promise<CheckedOptions> => checked(await useFactory(...args));
    return [{ provide: TASK_QUEUE_OPTIONS, inject: [...inject], useFactory: call }];
  }
  const source = useExisting ?? useClass;
  if (source === undefined) return [{ provide: TASK_QUEUE_OPTIONS, useValue: checked({}) }];
  const provider: Provider = {
    provide: TASK_QUEUE_OPTIONS,
    inject: [source],
    useFactory: async (factory: TaskQueueOptionsFactory) => checked(await factory.createTaskQueueOptions()),
  };
  return useExisting === undefined && useClass !== undefined ? [useClass, provider] : [provider];
}
