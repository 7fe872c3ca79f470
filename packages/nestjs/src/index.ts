/** The public face of the Nest integration. */
export { getTasksToken, InjectTasks } from './callers/inject-tasks.js';
export { InjectTaskApp, InjectTaskClient } from './callers/inject-task-client.js';
export { tasksOf } from './callers/make-tasks.js';
export type {
  TakesContext,
  TaskArguments,
  TaskFunction,
  TaskMethodNames,
  Tasks,
  TaskValue,
} from './callers/tasks.js';
export { type BootProblem, nestErrors } from './errors/nest-errors.js';
export { getTaskContext, TaskExecutionContext, taskContextType } from './execution/task-execution-context.js';
export {
  OnTaskEvent,
  type OnTaskEventDecorator,
  type TaskEventType,
} from './events/on-task-event.js';
export { GlobalTaskHooks, type TaskHooksClass, UseTaskHooks } from './hooks/use-task-hooks.js';
export type { TaskEndpointOptions, TaskHttpOptions } from './http/http-options.js';
export type { TaskHttpError } from './http/http-errors.js';
export { TaskHttpController } from './http/task-http-controller.js';
export type { TaskErrorView, TaskView } from './http/task-view.js';
export { ScheduleHttpController } from './http/schedule-http-controller.js';
export type { ScheduleView } from './http/schedule-view.js';
export { getSchedulesToken, InjectSchedules } from './periodic/inject-schedules.js';
export { Periodic } from './periodic/periodic.js';
export type {
  PeriodicConfiguration,
  PeriodicDecoratorOptions,
  PeriodicFactory,
  PeriodicSource,
} from './periodic/periodic-source.js';
export type { TaskLoggingOptions } from './logging/logging-options.js';
export { TaskLogger } from './logging/task-logger.js';
export type {
  TaskQueueModuleAsyncOptions,
  TaskQueueModuleExtras,
  TaskQueueModuleOptions,
  TaskQueueOptions,
  TaskQueueOptionsFactory,
} from './module/module-options.js';
export { TaskQueueModule } from './module/task-queue-module.js';
export { getTaskAppToken, getTaskClientToken } from './module/tokens.js';
export type { SchemaIssue, SchemaOutcome, StandardSchema } from './task/standard-schema.js';
export { type BoundTaskDecorator, Task, type TaskDecorator } from './task/task.js';
export type { TaskDecoratorOptions } from './task/task-decorator-options.js';
export type { TaskClass } from './task/task-method.js';
export type { InlineContextOptions } from './testing/inline-context.js';
export { runTask } from './testing/run-task.js';
export { getTaskQueueTestingToken, TaskQueueTesting } from './testing/task-queue-testing.js';
export { TaskQueueTestingModule, type TaskQueueTestingOptions } from './testing/task-queue-testing-module.js';
export {
  type BeatSchedule,
  broadcast,
  chain,
  chord,
  chunks,
  cron,
  crontab,
  currentTask,
  customSchedule,
  every,
  group,
  GroupResult,
  Ignore,
  insidePoolChild,
  isLovageError,
  map,
  maybeCurrentTask,
  Reject,
  type LovageEvent,
  type RemoteError,
  once,
  type PeriodicEntry,
  type PeriodicOptions,
  Retry,
  type ScheduleInfo,
  Schedules,
  type ScheduleTypes,
  Signature,
  solar,
  starmap,
  toDot,
  toMermaid,
  type WorkflowGraph,
  TaskApp,
  type TaskCaller,
  TaskClient,
  type TaskContext,
  type TaskEnd,
  type TaskHooks,
  type TaskOptions,
  TaskResult,
  type TaskSnapshot,
  UnrecoverableError,
} from '@lovage/core';
