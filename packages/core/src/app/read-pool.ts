import { type ChildEntry, childEntry } from '../worker/pools/child-entry.js';
import { coreCount } from '../worker/pools/core-count.js';
import type { PoolKind, PoolSettings } from '../worker/pools/pool-settings.js';
import type { WorkerOptions } from './app-options.js';
import { OptionReader } from './option-reader.js';

const kinds: readonly PoolKind[] = ['async', 'solo', 'threads', 'processes'];
const mostChildren = 1000;

/** How a worker executes. What makes no sense for the pool that is chosen is told. */
export function readPool(options: WorkerOptions, reader: OptionReader): PoolSettings {
  const kind = reader.oneOf<PoolKind>('pool', kinds, 'async');
  const hasChildren = kind === 'threads' || kind === 'processes';
  const autoscale = hasChildren ? autoscaleOf(options, reader) : undefined;
  const settings: PoolSettings = {
    kind,
    concurrency:
      kind === 'solo'
        ? reader.integer('concurrency', 1, 1, 1)
        : hasChildren
          ? reader.integer('concurrency', 1, mostChildren, autoscale?.max ?? coreCount())
          : reader.integer('concurrency', 1, 65_535, 100),
    autoscaleFrom: autoscale?.min,
    concurrencyPerChild: 1,
    maxTasksPerChild: undefined,
    maxBytesPerChild: undefined,
    entry: undefined,
    bootTimeoutMs: 0,
  };
  if (!hasChildren) {
    refuseChildOptions(options, kind, reader);
    return settings;
  }
  return {
    ...settings,
    concurrencyPerChild: reader.integer('concurrencyPerChild', 1, 10_000, 1),
    maxTasksPerChild:
      options.maxTasksPerChild === undefined
        ? undefined
        : reader.integer('maxTasksPerChild', 1, Number.MAX_SAFE_INTEGER, 1),
    maxBytesPerChild: bytesOf(options, reader),
    entry: entryOf(options, kind, reader),
    bootTimeoutMs: reader.duration('bootTimeout', '60s'),
  };
}

const ofChildren = [
  'autoscale',
  'concurrencyPerChild',
  'maxTasksPerChild',
  'maxMemoryPerChild',
  'bootTimeout',
] as const satisfies readonly (keyof WorkerOptions)[];

/** An entry does no harm there, so that the pool can be changed by one word. */
function refuseChildOptions(options: WorkerOptions, kind: PoolKind, reader: OptionReader): void {
  reader.known(['entry', ...ofChildren]);
  for (const name of ofChildren) {
    if (options[name] === undefined) continue;
    reader.problem(name, `absent, since the pool "${kind}" has no children`, options[name]);
  }
}

function autoscaleOf(
  { autoscale, concurrency }: WorkerOptions,
  reader: OptionReader,
): { readonly min: number; readonly max: number } | undefined {
  reader.known(['autoscale']);
  if (autoscale === undefined) return undefined;
  if (typeof autoscale !== 'object' || autoscale === null) {
    reader.problem('autoscale', 'an object { min, max }', autoscale);
    return undefined;
  }
  if (concurrency !== undefined)
    reader.problem('concurrency', 'absent when "autoscale" is given', concurrency);
  const own = new OptionReader(autoscale, 'worker.autoscale.');
  const max = own.integer('max', 1, mostChildren, coreCount());
  const min = own.integer('min', 1, max, 1);
  reader.take(own);
  return { min, max };
}

const unitBytes: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

function bytesOf({ maxMemoryPerChild: given }: WorkerOptions, reader: OptionReader): number | undefined {
  reader.known(['maxMemoryPerChild']);
  if (given === undefined) return undefined;
  const match = typeof given === 'string' ? /^(\d+(?:\.\d+)?)(KB|MB|GB)$/.exec(given) : null;
  const bytes = match === null ? Number(given) * 1024 : Number(match[1]) * (unitBytes[match[2] ?? ''] ?? 0);
  if ((match !== null || typeof given === 'number') && Number.isFinite(bytes) && bytes > 0) return bytes;
  reader.problem('maxMemoryPerChild', 'a number of kilobytes, or text such as "200MB"', given);
  return undefined;
}

function entryOf({ entry }: WorkerOptions, kind: PoolKind, reader: OptionReader): ChildEntry | undefined {
  reader.known(['entry']);
  const read = childEntry(entry);
  if (read !== undefined) return read;
  reader.problem(
    'entry',
    `the URL or absolute path of the module that makes the application in a child of the pool "${kind}", such as import.meta.url of a module whose default export is a function that gives the TaskApp; or { module, export, data }`,
    entry,
  );
  return undefined;
}
