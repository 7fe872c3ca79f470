import type { CompressionName, SerializerName } from '../message/codec-names.js';
import { contentTypes } from '../message/content-types.js';
import { defaultMessageLimits } from '../message/message-limits.js';
import type { Queue } from '../ports/topology.js';
import { isRoutes } from '../routing/check-routes.js';
import type { WorkerSettings } from '../worker/worker-settings.js';
import type { AppOptions, WorkerOptions } from './app-options.js';
import { OptionReader } from './option-reader.js';
import { readTopology } from './read-topology.js';
import type { Settings } from './settings.js';

/** What options do not say and the process does. */
export interface Surroundings {
  /** Host name, for the names of workers. */
  readonly host: string;
}

const serializers: readonly SerializerName[] = ['json', 'msgpack', 'yaml'];
const compressions: readonly CompressionName[] = ['zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'];

/**
 * Validates options and fills in defaults.
 *
 * @throws LOVAGE_OPTION_INVALID with all problems at once
 */
export function readOptions(options: AppOptions, surroundings: Surroundings): Settings {
  const reader = new OptionReader(options, '');
  const broker = reader.text('broker', 'memory://');
  const defaultQueue = reader.name('defaultQueue', 'celery');
  const settings: Settings = {
    broker,
    results: options.results === false ? false : reader.text('results', broker),
    defaultQueue,
    topology: readTopology(options, defaultQueue, reader),
    createMissingQueues: reader.flag('createMissingQueues', true),
    routes: routesOf(options, reader),
    serializer: reader.oneOf<SerializerName>('serializer', serializers, 'json'),
    compression:
      options.compression === undefined
        ? undefined
        : reader.oneOf<CompressionName>('compression', compressions, 'zlib'),
    acceptContent: reader.attempt(
      'acceptContent',
      () => contentTypes(reader.names('acceptContent', ['json'])),
      new Set<string>(),
    ),
    limits: limitsOf(options, reader),
    resultTtlMs: reader.duration('resultExpires', '1d') || undefined,
    trackSent: reader.flag('trackSent', true),
    publishTimeoutMs: reader.duration('publishTimeout', '10s'),
    storeTimeoutMs: reader.duration('storeTimeout', '10s'),
    revokeTtlMs: reader.duration('revokeExpires', '7d'),
    worker: workerOf(options, broker, consumedByDefault(options, defaultQueue), surroundings, reader),
  };
  reader.known(['routes', 'queues', 'limits', 'worker', 'results', 'compression']);
  reader.finish();
  return settings;
}

/** The embedded store lives in this process, so a worker elsewhere could not reach it: it runs here unless refused. */
const embedded = /^\s*memory:/i;

function workerOf(
  options: AppOptions,
  broker: string,
  queues: readonly string[],
  { host }: Surroundings,
  reader: OptionReader,
): WorkerSettings | undefined {
  const given: unknown = options.worker === undefined ? embedded.test(broker) : options.worker;
  if (given === false) return undefined;
  if (given !== true && (typeof given !== 'object' || given === null)) {
    reader.problem('worker', 'true, false, or the options of a worker', given);
    return undefined;
  }
  const own = new OptionReader(given === true ? ({} satisfies WorkerOptions) : given, 'worker.');
  const concurrency = own.integer('concurrency', 1, 65_535, 100);
  const settings: WorkerSettings = {
    concurrency,
    prefetch: own.integer('prefetch', 1, 65_535, Math.min(65_535, 2 * concurrency)),
    queues: own.names('queues', queues),
    hostname: own.text('hostname', `lovage@${host}`),
    drainTimeoutMs: own.duration('drainTimeout', '10s'),
    maxDeliveries: own.integer('maxDeliveries', 1, 1000, 5),
  };
  reader.take(own);
  return settings;
}

/** Queues that are no names are told when the topology is read. */
function consumedByDefault({ queues }: AppOptions, defaultQueue: string): readonly string[] {
  if (!Array.isArray(queues) || queues.length === 0) return [defaultQueue];
  return queues.map((queue: Queue | string) => (typeof queue === 'string' ? queue : queue?.name));
}

function routesOf({ routes }: AppOptions, reader: OptionReader): Settings['routes'] {
  if (routes === undefined || isRoutes(routes)) return routes;
  reader.problem('routes', 'a table of routes by task name, a function, or an array of these', routes);
  return undefined;
}

function limitsOf(options: AppOptions, reader: OptionReader): Settings['limits'] {
  const own = new OptionReader(options.limits ?? {}, 'limits.');
  const limits = {
    maxBytes: own.integer('maxBytes', 1024, 2 ** 31 - 1, defaultMessageLimits.maxBytes),
    maxDecompressedBytes: own.integer(
      'maxDecompressedBytes',
      1024,
      2 ** 31 - 1,
      defaultMessageLimits.maxDecompressedBytes,
    ),
    maxDepth: own.integer('maxDepth', 8, 1000, defaultMessageLimits.maxDepth),
  };
  reader.take(own);
  return limits;
}
