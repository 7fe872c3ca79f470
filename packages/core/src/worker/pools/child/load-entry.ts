import { ENTRY_INVALID } from '../../../errors/pool-errors.js';
import type { ChildEntry } from '../child-entry.js';
import type { ChildApplication } from './child-application.js';

/**
 * Loads the module of an entry and calls its export.
 *
 * @throws LOVAGE_POOL_ENTRY_INVALID; whatever the module or the function throws
 */
export async function loadEntry({
  module,
  export: name = 'default',
  data,
}: ChildEntry): Promise<ChildApplication> {
  const loaded = (await import(module)) as Readonly<Record<string, unknown>>;
  const make = exportOf(loaded, name);
  if (typeof make !== 'function') {
    throw ENTRY_INVALID.create({
      module,
      export: name,
      problem: `is ${make === undefined ? 'not there' : 'no function'}`,
    });
  }
  const made: unknown = await (make as (data: unknown) => unknown)(data);
  if (isApp(made) || (isObject(made) && isApp(made['app']))) return made as ChildApplication;
  throw ENTRY_INVALID.create({ module, export: name, problem: 'gives no TaskApp' });
}

/** What a CommonJS module exports stands below its default export where Node can not see the names. */
function exportOf(loaded: Readonly<Record<string, unknown>>, name: string): unknown {
  const own = loaded[name];
  const common = loaded['default'];
  if (name === 'default') return isObject(own) && typeof own['default'] === 'function' ? own['default'] : own;
  return own ?? (isObject(common) ? common[name] : undefined);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isApp = (value: unknown): boolean =>
  isObject(value) && typeof value['childExecutor'] === 'function' && typeof value['close'] === 'function';
