import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The module that makes the application once more in a child of a pool.
 *
 * Its export is a function that is given `data` and gives a `TaskApp`, or `{ app, close }`, or a promise of one of these. The
 * app is neither to be started nor to be closed by the function.
 */
export interface ChildEntry {
  /** URL of the module: `file:///srv/app/dist/tasks.js`. */
  readonly module: string;
  /** Name of the export. Default `default`. */
  readonly export?: string | undefined;
  /** Handed to the function; plain JSON values. */
  readonly data?: unknown;
  /** How errors name it. Default: the URL, with the export. */
  readonly shown?: string | undefined;
}

/** As a user gives it. */
export type GivenEntry = string | URL | (Omit<ChildEntry, 'module'> & { readonly module: string | URL });

/** @returns `undefined` for what names no module in a way that means the same in every process */
export function childEntry(given: unknown): ChildEntry | undefined {
  if (typeof given === 'string' || given instanceof URL) {
    const module = urlOf(given);
    return module === undefined ? undefined : { module };
  }
  if (typeof given !== 'object' || given === null || !('module' in given)) return undefined;
  const module = urlOf(given.module);
  return module === undefined ? undefined : { ...given, module };
}

function urlOf(module: unknown): string | undefined {
  if (module instanceof URL) return module.href;
  if (typeof module !== 'string') return undefined;
  if (isAbsolute(module)) return pathToFileURL(module).href;
  return /^[a-z]{2,}:/i.test(module) ? module : undefined;
}
