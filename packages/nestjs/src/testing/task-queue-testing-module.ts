import { randomUUID } from 'node:crypto';
import { type AppParts, createMemoryDriver, type TaskApp, VirtualClock } from '@lovage/core';
import { type DynamicModule, Module } from '@nestjs/common';
import { moduleOptionProblems } from '../module/check-module-options.js';
import type { TaskQueueModuleOptions } from '../module/module-options.js';
import { type CheckedOptions, defineTaskQueue, TASK_QUEUE_OPTIONS } from '../module/task-queue-definition.js';
import { TaskQueueModule } from '../module/task-queue-module.js';
import { getTaskAppToken } from '../module/tokens.js';
import { getTaskQueueTestingToken, TaskQueueTesting } from './task-queue-testing.js';

/** What `TaskQueueTestingModule.forRoot` takes. */
export interface TaskQueueTestingOptions extends Omit<TaskQueueModuleOptions, 'broker'> {
  /** Where the clock stands at the start. Default 2026-01-01T00:00:00Z. */
  readonly startAt?: Date;
}

/**
 * A task app for tests, in place of TaskQueueModule: on a memory store of its own, with a worker, and with a clock that
 * the test moves. Nothing is shared between two applications, and nothing is left open after `close()`.
 *
 * ```ts
 * const moduleRef = await Test.createTestingModule({
 *   imports: [TaskQueueTestingModule.forRoot()],
 *   providers: [MailTasks],
 * }).compile();
 * const app = await moduleRef.init();
 * const testing = app.get(TaskQueueTesting);
 * await tasksOf(MailTasks, testing.client).remind.applyAsync([7], { countdown: '1h' });
 * await testing.advance('1h');
 * await testing.drain();
 * ```
 */
@Module({})
export class TaskQueueTestingModule {
  static forRoot({ startAt, ...options }: TaskQueueTestingOptions = {}): DynamicModule {
    const { name, isGlobal: _isGlobal, http: _http, ...others } = options;
    const results = others.results === false ? false : 'memory://';
    const checked: CheckedOptions = {
      options: { worker: true, ...others, broker: 'memory://', results },
      problems: moduleOptionProblems(options),
    };
    const queue = defineTaskQueue({
      module: TaskQueueModule,
      extras: options,
      optionsProviders: [{ provide: TASK_QUEUE_OPTIONS, useValue: checked }],
      parts: () => memoryParts(startAt),
    });
    const appToken = getTaskAppToken(name);
    return {
      module: TaskQueueTestingModule,
      global: true,
      imports: [queue],
      providers: [
        {
          provide: getTaskQueueTestingToken(name),
          inject: [appToken],
          // reason: the app was made with the parts below, whose clock is a virtual one.
          useFactory: (app: TaskApp) => new TaskQueueTesting(app, app.clock as VirtualClock),
        },
      ],
      exports: [getTaskQueueTestingToken(name)],
    };
  }
}

function memoryParts(startAt: Date | undefined): AppParts {
  const clock = new VirtualClock(startAt?.getTime());
  return { clock, driver: createMemoryDriver(new URL('memory://'), { clock, newId: randomUUID }) };
}
