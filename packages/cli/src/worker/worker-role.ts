import type { AppOptions, WorkerOptions } from '@lovage/core';
import type { ChildData } from '../application/child-entry.js';
import type { WorkerFlags } from '../flags/worker-flags.js';

/** The flags that are options of a worker under the same name. */
const sameNames = [
  'queueOrder',
  'concurrency',
  'pool',
  'prefetch',
  'autoscale',
  'concurrencyPerChild',
  'maxTasksPerChild',
  'maxMemoryPerChild',
  'timeLimit',
  'softTimeLimit',
  'drainTimeout',
  'maxDeliveries',
] as const satisfies readonly (keyof WorkerFlags & keyof WorkerOptions)[];

/** Where children find the application. */
const entryModule = new URL('../application/child-entry.js', import.meta.url).href;

/**
 * The options of an app that is a worker now, though its own may say client: flags first, then what the app says. Whether they fit each
 * other, and the pool, is checked where all options are.
 *
 * @param index which of the apps of the module it is
 */
export function asWorker(
  given: AppOptions,
  flags: WorkerFlags & { readonly app: string },
  index: number,
): AppOptions {
  const { broker = given.broker, resultBackend: results = resultsBeside(given, flags) } = flags;
  const own: WorkerOptions = typeof given.worker === 'object' ? given.worker : {};
  const told = Object.fromEntries(
    sameNames.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
  const data: ChildData = {
    app: flags.app,
    index,
    level: flags.loglevel ?? 'log',
    options: {
      ...(broker !== given.broker && { broker }),
      ...(results !== given.results && { results }),
    },
  };
  return {
    ...given,
    broker,
    results,
    // The app's own options of its beat go on to hold.
    ...(flags.beat === true && { beat: typeof given.beat === 'object' ? given.beat : true }),
    ...(flags.beat === false && { beat: false }),
    worker: {
      entry: { module: entryModule, export: 'childApplication', data },
      ...own,
      // One of the two replaces the other.
      ...(flags.concurrency !== undefined && { autoscale: undefined }),
      ...(flags.autoscale !== undefined && { concurrency: undefined }),
      ...told,
      ...queuesOf(given, own, flags),
      ...(flags.hostname !== undefined && { hostname: withHost(flags.hostname) }),
    },
  };
}

/** Results that were kept in the app's own broker go with it to another one. */
function resultsBeside(given: AppOptions, { broker }: WorkerFlags): AppOptions['results'] {
  return broker !== undefined && given.results === given.broker ? broker : given.results;
}

function queuesOf(given: AppOptions, own: WorkerOptions, flags: WorkerFlags): Pick<WorkerOptions, 'queues'> {
  const { queues, excludeQueues = [] } = flags;
  if (queues === undefined && excludeQueues.length === 0) return {};
  const ofApp = given.queues?.map((queue) => (typeof queue === 'string' ? queue : queue.name));
  const all = queues ?? own.queues ?? (ofApp?.length ? ofApp : [given.defaultQueue ?? 'celery']);
  return { queues: all.filter((name) => !excludeQueues.includes(name)) };
}

/** As Celery: a name without a host is one on this host. */
const withHost = (name: string): string => (name.includes('@') ? name : `${name}@%h`);
