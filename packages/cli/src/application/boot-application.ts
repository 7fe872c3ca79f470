import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { type AppOptions, assumeRole, type TaskApp } from '@lovage/core';
import { APP_EXPORT_INVALID, APP_WITHOUT_QUEUE, NEST_MISSING } from '../errors/cli-errors.js';
import type { LogLevel } from '../log/log-level.js';
import { levelsFrom } from '../log/log-level.js';
import { findExport, isApp, type RunnableApp } from './find-export.js';
import { type LoadedModule, loadModule } from './load-module.js';

export interface BootParams {
  /** As given to `--app`. */
  readonly given: string;
  /** Changes the options of each app before it is made; `index` counts them. */
  readonly options: (given: AppOptions, index: number) => AppOptions;
  readonly level: LogLevel;
  /** Whether apps are started: not in a child of a pool. */
  readonly start: boolean;
  /** Told of each app before it is started. */
  readonly onApp?: (app: TaskApp) => void;
}

/** An application that runs. */
export interface Booted {
  /** `true`: Nest writes what happens, by its own logger. */
  readonly logs: boolean;
  readonly apps: readonly TaskApp[];
  readonly close: () => Promise<void>;
}

/**
 * Loads the module of an application and starts what is in it.
 *
 * @throws LOVAGE_APP_FILE_MISSING, LOVAGE_APP_LOAD_FAILED, LOVAGE_APP_EXPORT_INVALID, LOVAGE_APP_WITHOUT_QUEUE, LOVAGE_NEST_MISSING;
 *   whatever the start of the application throws
 */
export async function bootApplication({ given, options, level, start, onApp }: BootParams): Promise<Booted> {
  const apps: TaskApp[] = [];
  let asked = 0;
  assumeRole({
    options: (own) => {
      asked += 1;
      return options(own, asked - 1);
    },
    onApp: (app) => {
      apps.push(app as TaskApp);
      onApp?.(app as TaskApp);
    },
  });
  const module = await loadModule(given);
  const found = findExport(module);
  if (found.kind === 'nest') {
    const close = await bootNest(module, found.module, level);
    if (apps.length > 0) return { logs: true, apps, close };
    await close();
    throw APP_WITHOUT_QUEUE.create({ file: module.file, name: found.name });
  }
  const made = found.kind === 'app' ? found.app : await found.make();
  const { app, close } = appOf(made, module, found.name);
  try {
    if (start) await app.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { logs: false, apps: apps.length > 0 ? apps : [app as TaskApp], close };
}

function appOf(
  made: unknown,
  { file, exports }: LoadedModule,
  name: string,
): { readonly app: RunnableApp; readonly close: () => Promise<void> } {
  if (isApp(made)) return { app: made, close: async () => await made.close() };
  const { app, close } = (made ?? {}) as { readonly app?: unknown; readonly close?: unknown };
  if (isApp(app)) {
    return {
      app,
      close: typeof close === 'function' ? (close as () => Promise<void>) : async () => await app.close(),
    };
  }
  throw APP_EXPORT_INVALID.create({
    file,
    problem: `has a function "${name}" that gives no TaskApp`,
    found: Object.keys(exports),
  });
}

/** @returns closes the application */
async function bootNest(
  { file, url }: LoadedModule,
  module: unknown,
  level: LogLevel,
): Promise<() => Promise<void>> {
  const { NestFactory } = await ofApplication<typeof import('@nestjs/core')>('@nestjs/core', url, file);
  const { ConsoleLogger } = await ofApplication<typeof import('@nestjs/common')>('@nestjs/common', url, file);
  // What Nest tells of its own start is for those who develop; errors of the start are told by the command, once.
  const logger = new ConsoleLogger({ logLevels: level === 'debug' ? levelsFrom(level) : ['fatal', 'warn'] });
  const context = await NestFactory.createApplicationContext(module as Type, { logger, abortOnError: false });
  logger.setLogLevels(levelsFrom(level));
  return async () => await context.close();
}

/** The copy that the application itself uses: tokens of another one would not be found. */
async function ofApplication<T>(name: string, url: string, file: string): Promise<T> {
  let path: string;
  try {
    path = createRequire(url).resolve(name);
  } catch (error) {
    throw NEST_MISSING.create({ file }, error);
  }
  return (await import(pathToFileURL(path).href)) as T;
}
