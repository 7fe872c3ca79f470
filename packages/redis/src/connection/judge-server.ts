import type { RedisSettings } from './redis-target.js';
import type { ServerFacts } from './server-facts.js';

/** Something about a server, and what to do about it. */
export interface Finding {
  readonly found: string;
  readonly advice: string;
}

export interface Judgement {
  /** Reasons not to use it. */
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Oldest server whose scripts and push messages are enough. */
const oldestMajor = 7;
/** Clocks further apart than this disturb whoever reads times: those in messages are the client's. */
const mostClockDifferenceMs = 1000;

/** What speaks against entrusting work to a server. */
export function judgeServer(facts: ServerFacts, settings: RedisSettings): Judgement {
  const refusals = [...unusable(facts, settings)];
  const warnings = [...risks(facts, settings)];
  const evicting = eviction(facts);
  if (evicting !== undefined) (settings.allowUnsafe ? warnings : refusals).push(evicting);
  return { refusals, warnings };
}

function* unusable({ info }: ServerFacts, { target }: RedisSettings): Generator<Finding> {
  // Valkey gives here the version of Redis that it can stand in for.
  const version = info.get('redis_version') ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= oldestMajor)) {
    yield {
      found: `it is version ${version}`,
      advice: `Use Redis ${oldestMajor}.0 or later, or Valkey.`,
    };
  }
  const isCluster = target.clusterNodes.length > 0;
  if (info.get('cluster_enabled') === '1' && !isCluster) {
    yield {
      found: 'it is a node of a cluster',
      advice:
        'Add "cluster=true" and a key prefix with a hash tag to the URL: ?cluster=true&keyPrefix={app}:',
    };
  }
  if (info.get('role') === 'slave' && !isCluster && target.options.sentinels === undefined) {
    yield {
      found: 'it is a replica, which takes no changes',
      advice: 'Give the URL of the master, or a sentinel: URL that finds it.',
    };
  }
}

function eviction({ info }: ServerFacts): Finding | undefined {
  const policy = info.get('maxmemory_policy');
  if (Number(info.get('maxmemory') ?? 0) === 0 || policy === undefined || policy === 'noeviction')
    return undefined;
  return {
    found: `its maxmemory-policy is ${policy}: when its memory is full it deletes tasks, claims and results without a word`,
    advice:
      'Set "maxmemory-policy noeviction" (a full server then refuses new tasks, and acknowledgements go on), or add allowUnsafe=true to the URL.',
  };
}

function* risks(
  { info, save, clockDifferenceMs }: ServerFacts,
  { target }: RedisSettings,
): Generator<Finding> {
  const hasLog = info.get('aof_enabled') === '1';
  if (!hasLog && save === '') {
    yield {
      found: 'it keeps nothing on disk, so everything is lost when it restarts',
      advice: 'Set "appendonly yes".',
    };
  } else if (!hasLog && save === undefined) {
    yield {
      found:
        'it has no append-only file, and CONFIG is not permitted, so whether it saves to disk is not known',
      advice: 'Make sure that it does, or permit the user "+config|get".',
    };
  } else if (!hasLog) {
    yield {
      found: 'it has no append-only file: a crash loses everything since it last saved',
      advice: 'Set "appendonly yes".',
    };
  }
  const replicas = Number(info.get('connected_slaves') ?? 0);
  // Shown only where min-replicas-to-write is set.
  if (replicas > 0 && !info.has('min_slaves_good_slaves')) {
    yield {
      found:
        'it has replicas, but accepts work while none of them follows: a failover may lose what was accepted',
      advice: 'Set "min-replicas-to-write 1".',
    };
  }
  if (target.options.sentinels !== undefined && replicas === 0) {
    yield { found: 'it has no replica that could take over', advice: 'See the log of the Sentinels.' };
  }
  if (clockDifferenceMs > mostClockDifferenceMs) {
    yield {
      found: `its clock and ours are ${Math.round(clockDifferenceMs / 100) / 10} s apart`,
      advice: 'Synchronise both with NTP: delays and expiries of messages are times of the sender.',
    };
  }
}
