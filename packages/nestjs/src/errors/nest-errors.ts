import { defineError } from '@lovage/core';

/** One thing that was found wrong at start. */
export interface BootProblem {
  /** Code of the error that it would be alone. */
  readonly code: string;
  readonly message: string;
}

export const TASKS_INVALID = defineError<{ readonly problems: readonly BootProblem[] }>(
  'LOVAGE_TASKS_INVALID',
  'Several things are wrong with the tasks of an application; all are told together. A single one is thrown with its own code.',
  ({ problems }) =>
    `${problems.length} problems with the tasks of this application:\n${problems.map((p) => `- ${p.code}: ${p.message}`).join('\n')}`,
);

export const APP_UNKNOWN = defineError<{
  readonly app: string;
  readonly source: string;
  readonly known: readonly string[];
}>(
  'LOVAGE_APP_UNKNOWN',
  'A task, or an injection, names an app that no TaskQueueModule of the application has.',
  (d) =>
    `${d.source} names the task app "${d.app}", but ${d.known.length === 0 ? 'no TaskQueueModule is imported' : `there is only: ${d.known.join(', ')}`}. ` +
    `Import TaskQueueModule.forRoot(${d.app === 'default' ? '' : `{ name: '${d.app}' }`}), or correct the name.`,
);

export const APP_DUPLICATE = defineError<{ readonly app: string }>(
  'LOVAGE_APP_DUPLICATE',
  'Two TaskQueueModules of one application have the same name.',
  (d) =>
    `TaskQueueModule.forRoot() is imported twice for the app "${d.app}". Import it once, in the root module, or give each its own "name".`,
);

export const HANDLER_MISSING = defineError<{
  readonly taskClass: string;
  readonly consumer: string;
  readonly tasks: readonly string[];
}>(
  'LOVAGE_HANDLER_MISSING',
  'A class injects tasks of a class that is no provider, in an app whose worker runs in this process on the embedded store.',
  (d) =>
    `${d.consumer} injects the tasks of ${d.taskClass} (${d.tasks.join(', ')}), but ${d.taskClass} is in no module's "providers", ` +
    'and on the embedded store nobody else can run them. Add it to the providers of a module.',
);

export const PERIODIC_INVALID = defineError<{ readonly source: string; readonly problem: string }>(
  'LOVAGE_PERIODIC_INVALID',
  'A @Periodic() of a method makes no sense, or its factory has failed.',
  (d) => `@Periodic() on ${d.source}: ${d.problem}`,
);

export const NO_TASKS = defineError<{ readonly taskClass: string; readonly consumer: string }>(
  'LOVAGE_NO_TASKS',
  '@InjectTasks names a class that has no method with @Task().',
  (d) =>
    `${d.consumer} injects the tasks of ${d.taskClass}, but none of its methods has @Task(). Decorate one, or inject another class.`,
);

export const NOT_A_TASK = defineError<{ readonly source: string }>(
  'LOVAGE_NOT_A_TASK',
  'A method without @Task() was called as a task.',
  (d) => `${d.source} is no task: decorate the method with @Task(), or call it on the provider itself.`,
);

export const TASK_FORBIDDEN = defineError<{ readonly taskName: string; readonly taskId: string }>(
  'LOVAGE_TASK_FORBIDDEN',
  'A guard refused to let a task run.',
  (d) => `a guard refused task ${d.taskName} (${d.taskId}): its canActivate() gave false.`,
);

export const PACKAGE_MISSING = defineError<{ readonly packageName: string; readonly neededFor: string }>(
  'LOVAGE_PACKAGE_MISSING',
  'An optional package is needed for what an application does, and is not installed.',
  (d) => `${d.neededFor} needs the package "${d.packageName}". Install it: npm install ${d.packageName}`,
);

export const NOT_TASK_CONTEXT = defineError<{ readonly contextType: string }>(
  'LOVAGE_NOT_TASK_CONTEXT',
  'The context of a task was asked of an ExecutionContext of another type.',
  (d) =>
    `this ExecutionContext is of type "${d.contextType}", not "task". Ask context.getType() first where a guard, pipe, interceptor or filter serves several.`,
);

export const NOT_IDLE = defineError<{ readonly queues: readonly string[]; readonly timeout: string }>(
  'LOVAGE_NOT_IDLE',
  'A test waited for all tasks to end, and some did not.',
  (d) =>
    `tasks still run or wait in ${d.queues.join(', ') || 'the worker'} after ${d.timeout}. A task may wait for the virtual clock: advance it, or drain with a longer timeout.`,
);

export const ENTRY_UNFIT = defineError<{ readonly module: string; readonly problem: string }>(
  'LOVAGE_POOL_MODULE_MISSING',
  'The file that a worker was given as "entry" has no root module for the children of its pool.',
  (d) =>
    `the worker option "entry" names ${d.module}, but ${d.problem}. It must be the file of the root module: inside of that file, import.meta.url.`,
);

export const HOOKS_INVALID = defineError<{
  readonly hooks: string;
  readonly source: string;
  readonly problem: string;
}>(
  'LOVAGE_TASK_HOOKS_INVALID',
  'A class of task hooks is no provider of the application, or has a scope that hooks can not have.',
  (d) => `${d.source} has the hooks ${d.hooks}, but ${d.problem}.`,
);

/** Every error of this package, for the catalogue. */
export const nestErrors = [
  TASKS_INVALID,
  APP_UNKNOWN,
  APP_DUPLICATE,
  HANDLER_MISSING,
  PERIODIC_INVALID,
  NO_TASKS,
  NOT_A_TASK,
  TASK_FORBIDDEN,
  PACKAGE_MISSING,
  NOT_TASK_CONTEXT,
  NOT_IDLE,
  ENTRY_UNFIT,
  HOOKS_INVALID,
];
