import type { AppOptions, TaskApp } from '@lovage/core';
import type { HealthFlags } from '../flags/common-flags.js';
import type { LogLevel } from '../log/log-level.js';

/** What every command that runs until it is told to end can be told. */
export interface ProcessFlags extends HealthFlags {
  readonly app: string;
  readonly loglevel?: LogLevel;
  readonly quiet?: boolean;
}

/** What a process of the command is: a worker, or a beat. */
export interface ProcessRole {
  /** For texts. */
  readonly name: 'worker' | 'beat';
  /** The options of an app that has this role, made from its own; `index` counts the apps of the module. */
  readonly options: (given: AppOptions, index: number) => AppOptions;
  /** Refuses an app that can not have the role. Throws a coded error. */
  readonly check: (app: TaskApp) => void;
  /** Listens to an app from before its start; gives what ends it. */
  readonly listen?: (app: TaskApp) => () => void;
  /** Whether an app does what it is for. */
  readonly isReady: (app: TaskApp) => boolean;
  /** What is said when it is ready, the banner left out where it is to be quiet. */
  readonly introduce: (app: TaskApp, quiet: boolean) => readonly string[];
  /** How long what runs may go on at a warm shutdown: milliseconds. */
  readonly patienceMs: (apps: readonly TaskApp[]) => number;
  /** What is said at the signal of a shutdown. */
  readonly farewell: (kind: 'warm' | 'cold', patienceMs: number) => string;
  /** Ends the patience. */
  readonly hurry: (app: TaskApp) => void;
  /** What follows from an end that took too long. */
  readonly overdue: string;
  /** The status of an orderly end. */
  readonly status: () => number;
}
