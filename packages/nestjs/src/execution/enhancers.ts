import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  PIPES_METADATA,
} from '@nestjs/common/constants.js';
import type { TaskMethod } from '../task/task-method.js';

/** Which enhancers are bound to a task's method or class. */
export interface Enhancers {
  readonly guards: boolean;
  readonly pipes: boolean;
  readonly interceptors: boolean;
  readonly filters: boolean;
  readonly any: boolean;
}

/** Looks for `@UseGuards` and the like. Those of the whole application do not count: they are not applied to tasks. */
export function enhancersOf({ taskClass, method }: TaskMethod): Enhancers {
  const bound = (key: string): boolean => hasEntries(key, taskClass) || hasEntries(key, method);
  const guards = bound(GUARDS_METADATA);
  const pipes = bound(PIPES_METADATA);
  const interceptors = bound(INTERCEPTORS_METADATA);
  const filters = bound(EXCEPTION_FILTERS_METADATA);
  return { guards, pipes, interceptors, filters, any: guards || pipes || interceptors || filters };
}

function hasEntries(key: string, target: object): boolean {
  const entries: unknown = Reflect.getMetadata(key, target);
  return Array.isArray(entries) && entries.length > 0;
}
