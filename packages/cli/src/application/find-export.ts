import type { TaskApp } from '@lovage/core';
import { APP_EXPORT_INVALID } from '../errors/cli-errors.js';
import type { LoadedModule } from './load-module.js';

/** What a command can run. */
export type Runnable =
  | { readonly kind: 'nest'; readonly name: string; readonly module: unknown }
  | { readonly kind: 'app'; readonly name: string; readonly app: RunnableApp }
  | { readonly kind: 'function'; readonly name: string; readonly make: () => unknown };

/** An app, with the way to close it where more than the app must be closed. */
export type RunnableApp = Pick<TaskApp, 'start' | 'close' | 'childExecutor'>;

/**
 * The Nest module, the TaskApp, or the function that makes one, of a module: the one that is wanted, or the only one, or the
 * one that is called `default`, `app` or `AppModule`.
 *
 * @throws LOVAGE_APP_EXPORT_INVALID
 */
export function findExport({ file, wanted, exports }: LoadedModule): Runnable {
  const found = Object.keys(exports);
  const refuse = (problem: string): Error => APP_EXPORT_INVALID.create({ file, problem, found });
  if (wanted !== undefined) {
    if (!Object.hasOwn(exports, wanted)) throw refuse(`has no export "${wanted}"`);
    const runnable = runnableOf(wanted, exports[wanted], true);
    if (runnable === undefined)
      throw refuse(`has an export "${wanted}" that is no Nest module and no TaskApp`);
    return runnable;
  }
  const runnables = found.flatMap((name) => runnableOf(name, exports[name], name === 'default') ?? []);
  const different = runnables.filter(
    (one, index) => runnables.findIndex((other) => exports[other.name] === exports[one.name]) === index,
  );
  const preferred = preference.flatMap((name) => different.find((one) => one.name === name) ?? [])[0];
  const chosen = different.length === 1 ? different[0] : preferred;
  if (chosen !== undefined) return chosen;
  throw refuse(
    different.length === 0
      ? 'exports no Nest module and no TaskApp'
      : `exports several: ${different.map(({ name }) => name).join(', ')}`,
  );
}

const preference = ['default', 'app', 'AppModule'];

/** @param mayBeFunction a function without a mark may be anything, so only one that is asked for is called */
function runnableOf(name: string, value: unknown, mayBeFunction: boolean): Runnable | undefined {
  if (isNestModule(value)) return { kind: 'nest', name, module: value };
  if (isApp(value)) return { kind: 'app', name, app: value };
  if (
    mayBeFunction &&
    typeof value === 'function' &&
    !/^class\b/.test(Function.prototype.toString.call(value))
  ) {
    return { kind: 'function', name, make: value as () => unknown };
  }
  return undefined;
}

/** Told by what it can do: it may come from another copy of the library. */
export const isApp = (value: unknown): value is RunnableApp =>
  typeof value === 'object' &&
  value !== null &&
  ['start', 'close', 'childExecutor'].every(
    (method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function',
  );

/** What `@Module()` writes on a class. */
const moduleKeys = ['imports', 'providers', 'controllers', 'exports'];

function isNestModule(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && 'module' in value) return isNestModule(value.module);
  if (typeof value !== 'function') return false;
  // Put there by reflect-metadata, which every Nest application loads.
  const { hasOwnMetadata } = Reflect as { hasOwnMetadata?: (key: string, target: object) => boolean };
  return moduleKeys.some((key) => hasOwnMetadata?.(key, value) === true);
}
