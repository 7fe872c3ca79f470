import type { AppOptions } from './app-options.js';

/** What the program that runs this process wants of the apps in it: the `lovage` command is such a program. */
export interface ProcessRole<App = unknown> {
  /** Changes the options that an app is made with. */
  readonly options: (given: AppOptions) => AppOptions;
  /** Told of each app that is made. */
  readonly onApp: (app: App) => void;
}

/** A symbol of all copies of this library: the program may have another one than the application. */
const mark = Symbol.for('lovage.process-role');
const bag = globalThis as { [mark]?: ProcessRole };

/** From now on apps are made as the role wants; before the application's modules are loaded. */
export function assumeRole(role: ProcessRole | undefined): void {
  if (role === undefined) delete bag[mark];
  else bag[mark] = role;
}

/** The role of this process, where it has one. */
export const processRole = (): ProcessRole | undefined => bag[mark];
