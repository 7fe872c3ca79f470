import type { AppOptions, TaskApp } from '@lovage/core';
import { bootApplication } from './boot-application.js';
import type { LogLevel } from '../log/log-level.js';

/** What a child of a pool is told. */
export interface ChildData {
  readonly app: string;
  /** Which of the apps of the module it executes for. */
  readonly index: number;
  readonly level: LogLevel;
  readonly options: Pick<AppOptions, 'broker' | 'results'>;
}

/** Makes the application once more in a child of a pool, see `ChildEntry` of the core. */
export async function childApplication(
  data: ChildData,
): Promise<{ readonly app: TaskApp; readonly close: () => Promise<void> }> {
  const { apps, close } = await bootApplication({
    given: data.app,
    options: (given) => ({ ...given, ...data.options }),
    level: data.level,
    start: false,
  });
  const app = apps[data.index];
  if (app === undefined)
    throw new Error(`the module ${data.app} made ${apps.length} apps, expected number ${data.index}`);
  return { app, close };
}
