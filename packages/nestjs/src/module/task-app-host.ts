import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import {
  type AppOptions,
  type AppParts,
  appOptionNames,
  isLovageError,
  OPTION_INVALID,
  type OptionProblem,
  TaskApp,
} from '@lovage/core';
import type { TaskLoggingOptions } from '../logging/logging-options.js';
import { withNestEntry } from '../pool/nest-entry.js';
import type { TaskQueueOptions } from './module-options.js';

/** Injected into providers and controllers of one TaskQueueModule: its own host. Not exported. */
export const TASK_APP_HOST = Symbol('TASK_APP_HOST');

/** One task app of a Nest application. */
export interface TaskAppHost {
  readonly name: string;
  readonly app: TaskApp;
  /** The worker runs here on a store that no other process can reach: who is not registered here is registered nowhere. */
  readonly selfContained: boolean;
  readonly logging: Required<TaskLoggingOptions>;
  /** Aborted when the application is being closed and its tasks have ended: whoever waits for a result shall end. */
  readonly closing: AbortController;
}

/**
 * Makes the app of a module. Nothing is connected yet.
 *
 * @param problems what is wrong with the options that core does not know; unknown ones among them
 * @throws LOVAGE_OPTION_INVALID with those and core's problems together
 */
export async function createTaskAppHost(
  name: string,
  options: TaskQueueOptions,
  problems: readonly OptionProblem[],
  parts: AppParts = {},
): Promise<TaskAppHost> {
  const { logger = true } = options;
  const given = ofCore(options);
  const appOptions = { ...given, worker: withNestEntry(given.worker, name) };
  const app = await createApp(appOptions, problems, { host: hostname(), pid: process.pid, ...parts });
  return {
    name,
    app,
    selfContained: app.worker !== undefined && isEmbedded(app.settings),
    logging: loggingOf(logger),
    closing: closingController(),
  };
}

/** Everyone who waits over HTTP listens, any number of them, and each stops listening when it goes: no leak to warn of. */
function closingController(): AbortController {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return closing;
}

async function createApp(
  options: AppOptions,
  problems: readonly OptionProblem[],
  parts: AppParts,
): Promise<TaskApp> {
  const app = await TaskApp.create(options, parts).catch((error: unknown) => {
    if (problems.length === 0 || !isLovageError(error, OPTION_INVALID.code)) throw error;
    const { problems: others } = error.details as { readonly problems: readonly OptionProblem[] };
    throw OPTION_INVALID.create({ problems: [...problems, ...others] }, error);
  });
  if (problems.length > 0) throw OPTION_INVALID.create({ problems });
  return app;
}

/** Core would tell unknown options, too, and could not name ours. */
function ofCore(options: TaskQueueOptions): AppOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => appOptionNames.includes(name)));
}

/** An embedded store without a name belongs to its app; one with a name may have other apps of this process at it. */
function isEmbedded({ broker }: { readonly broker: string }): boolean {
  return /^memory:\/*$/.test(broker);
}

function loggingOf(logger: boolean | TaskLoggingOptions): Required<TaskLoggingOptions> {
  if (logger === false) return { prefix: false, events: 'none' };
  return { prefix: true, events: 'problems', ...(logger === true ? {} : logger) };
}
