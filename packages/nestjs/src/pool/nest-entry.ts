import { type AppOptions, childEntry } from '@lovage/core';
import type { NestChildData } from './nest-child-data.js';

/**
 * The worker options for core: what a user of Nest gives as `entry` is the module file of the application, and what core is given
 * is the function that makes a Nest application of it.
 */
export function withNestEntry(worker: AppOptions['worker'], app: string): AppOptions['worker'] {
  if (typeof worker !== 'object' || worker === null || worker.entry === undefined) return worker;
  const given = childEntry(worker.entry);
  // What is no entry core tells.
  if (given === undefined) return worker;
  const data: NestChildData = { ...given, app };
  return {
    ...worker,
    entry: {
      module: new URL('./nest-child.js', import.meta.url),
      export: 'makeNestChild',
      data,
      shown: given.export === undefined ? given.module : `${given.module} (${given.export})`,
    },
  };
}
