import type { CompressionName, SerializerName } from '../message/codec-names.js';
import { contentTypes } from '../message/content-types.js';
import { defaultMessageLimits } from '../message/message-limits.js';
import type { AppQueue } from '../routing/app-queue.js';
import { isRoutes, routeForm } from '../routing/check-routes.js';
import { hostFormat } from '../routing/host-format.js';
import type { WorkerSettings } from '../worker/worker-settings.js';
import type { AppOptions, WorkerOptions } from './app-options.js';
import { isEmbedded } from './is-embedded.js';
import { OptionReader } from './option-reader.js';
import type { AppTopology } from './app-topology.js';
import { readPool } from './read-pool.js';
import { checkFormat, readTopology } from './read-topology.js';
import { readBeat } from './read-beat.js';
import type { Settings } from './settings.js';
import type { Surroundings } from './surroundings.js';

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
  const declared = readTopology(options, defaultQueue, surroundings, reader);
  const createMissingQueues = reader.flag('createMissingQueues', true);
  const worker = workerOf({ options, broker, declared, createMissingQueues, surroundings, reader });
  const { topology, consumes } = declared.declaredBy(worker?.queues ?? []);
  const settings: Settings = {
    broker,
    results: options.results === false ? false : reader.text('results', broker),
    defaultQueue,
    topology,
    broadcasts: declared.broadcasts,
    createMissingQueues,
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
    remoteControl: reader.flag('remoteControl', !isEmbedded(broker)),
    taskDefaults: taskDefaultsOf(options, reader),
    worker: worker && { ...worker, queues: consumes },
    ...readBeat(options, isEmbedded(broker), surroundings, reader),
  };
  reader.known(['taskDefaults', 'routes', 'queues', 'limits', 'worker', 'results', 'compression']);
  reader.finish();
  return settings;
}

function workerOf({
  options,
  broker,
  declared,
  createMissingQueues,
  surroundings: { host },
  reader,
}: {
  readonly options: AppOptions;
  readonly broker: string;
  readonly declared: AppTopology;
  readonly createMissingQueues: boolean;
  readonly surroundings: Surroundings;
  readonly reader: OptionReader;
}): WorkerSettings | undefined {
  // A worker elsewhere could not reach the embedded store: it runs here unless refused.
  const given: unknown = options.worker === undefined ? isEmbedded(broker) : options.worker;
  if (given === false) return undefined;
  if (given !== true && (typeof given !== 'object' || given === null)) {
    reader.problem('worker', 'true, false, or the options of a worker', given);
    return undefined;
  }
  const own = new OptionReader(given === true ? ({} satisfies WorkerOptions) : given, 'worker.');
  const pool = readPool(given === true ? {} : given, own);
  const slots = pool.concurrency * pool.concurrencyPerChild;
  const settings: WorkerSettings = {
    pool,
    concurrency: pool.concurrency,
    prefetch: own.integer('prefetch', 1, 65_535, Math.min(65_535, 2 * slots)),
    queues: own.names('queues', consumedByDefault(options, declared)),
    queueOrder: own.oneOf<WorkerSettings['queueOrder']>('queueOrder', ['fair', 'priority'], 'fair'),
    hostname: hostFormat(own.text('hostname', 'lovage@%h'), host) ?? '',
    drainTimeoutMs: own.duration('drainTimeout', '10s'),
    maxDeliveries: own.integer('maxDeliveries', 1, 1000, 5),
    hardMs: own.optionalDuration('timeLimit'),
    softMs: own.optionalDuration('softTimeLimit'),
  };
  if (settings.hostname === '') {
    own.problem(
      'hostname',
      'a name in which %h, %n or %d stand for the host',
      (given as WorkerOptions).hostname,
    );
  }
  for (const name of settings.queues) {
    checkFormat('worker.queues', name, host, reader);
    if (!createMissingQueues && !declared.names.includes(name)) {
      own.problem(
        'queues',
        `queues of the option "queues" (${declared.names.join(', ')}), since "createMissingQueues" is false`,
        name,
      );
    }
  }
  reader.take(own);
  return settings;
}

/** Queues that are no names are told when the topology is read. */
function consumedByDefault({ queues }: AppOptions, { names }: AppTopology): readonly string[] {
  if (!Array.isArray(queues) || queues.length === 0) return names;
  const given = new Set(
    queues.map((queue: AppQueue | string) => (typeof queue === 'string' ? queue : queue?.name)),
  );
  return names.filter((name) => given.has(name));
}

function taskDefaultsOf({ taskDefaults }: AppOptions, reader: OptionReader): Settings['taskDefaults'] {
  if (taskDefaults === undefined || (typeof taskDefaults === 'object' && taskDefaults !== null))
    return taskDefaults;
  reader.problem('taskDefaults', 'an object of task options', taskDefaults);
  return undefined;
}

function routesOf({ routes }: AppOptions, reader: OptionReader): Settings['routes'] {
  if (routes === undefined || isRoutes(routes)) return routes;
  reader.problem(
    'routes',
    `a table of routes by task name, a function, or an array of these; a route is ${routeForm}`,
    routes,
  );
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
