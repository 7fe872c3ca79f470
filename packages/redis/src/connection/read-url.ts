import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';
import { durationMs, OPTION_INVALID } from '@lovage/core';
import type { RedisSettings, RedisTarget } from './redis-target.js';

const parameters = [
  'keyPrefix',
  'lease',
  'visibilityTimeout',
  'pythonQueues',
  'allowUnsafe',
  'virtual_host',
  'master',
  'sentinel',
  'sentinelPassword',
  'cluster',
  'node',
  'ssl_ca_certs',
  'ssl_certfile',
  'ssl_keyfile',
];

/** Collects what is wrong with a URL, so that all is told at once. Never shows credentials. */
class UrlReader {
  readonly problems: { readonly option: string; readonly expected: string; readonly got: unknown }[] = [];

  constructor(readonly url: URL) {
    for (const name of new Set(url.searchParams.keys())) {
      if (!parameters.includes(name)) this.problem(name, `one of ${parameters.join(', ')}`, name);
    }
  }

  problem(option: string, expected: string, got: unknown): void {
    this.problems.push({ option: `url ?${option}`, expected, got });
  }

  text(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined;
  }

  flag(name: string): boolean {
    const value = this.text(name);
    if (value === undefined || value === 'false') return false;
    if (value !== 'true') this.problem(name, '"true" or "false"', value);
    return true;
  }

  duration(name: string, standard: string): number {
    const value = this.text(name) ?? standard;
    try {
      const ms = durationMs(/^\d+$/.test(value) ? Number(value) : (value as '1s'), name);
      if (ms >= 100) return ms;
    } catch {
      // Told below.
    }
    this.problem(name, 'a duration of at least 100 ms such as "30s", or a number of seconds', value);
    return 1000;
  }

  nodes(name: string, standardPort: number): readonly { readonly host: string; readonly port: number }[] {
    return this.url.searchParams.getAll(name).map((value) => {
      const parsed = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(value);
      if (parsed === null) this.problem(name, '"host" or "host:port"', value);
      return { host: hostOf(parsed?.[1] ?? ''), port: Number(parsed?.[2] ?? standardPort) };
    });
  }

  finish(): void {
    if (this.problems.length > 0) throw OPTION_INVALID.create({ problems: this.problems });
  }
}

/** Brackets of an IPv6 address belong to the URL, not to the address. */
const hostOf = (text: string): string => text.replace(/^\[|\]$/g, '');

/**
 * Reads a broker or result store URL.
 *
 * - `redis://[user:password@]host[:6379][/0]`, the same with TLS: `rediss://`
 * - `redis+socket://[user:password@]/path/to/socket?virtual_host=0`
 * - `sentinel://[user:password@]host[:26379][/0]?master=mymaster&sentinel=host2:26379`
 * - a cluster: `redis://host:7000?cluster=true&node=host2:7001&keyPrefix={app}`
 *
 * @throws LOVAGE_OPTION_INVALID with everything that is wrong
 */
export function readUrl(url: URL): RedisSettings {
  const reader = new UrlReader(url);
  const target = targetOf(url, reader);
  if (target.clusterNodes.length > 0 && !/\{[^{}]+\}/.test(target.keyPrefix)) {
    const expected = 'a prefix with a hash tag such as "{app}:", so that all keys are on one node';
    reader.problem('keyPrefix', expected, target.keyPrefix);
  }
  const settings: RedisSettings = {
    target,
    leaseMs: reader.duration('lease', '30s'),
    visibilityTimeoutMs: reader.duration('visibilityTimeout', '1h'),
    pythonQueues: new Set((reader.text('pythonQueues') ?? '').split(',').filter((name) => name !== '')),
    allowUnsafe: reader.flag('allowUnsafe'),
  };
  reader.finish();
  return settings;
}

function targetOf(url: URL, reader: UrlReader): RedisTarget {
  const keyPrefix = reader.text('keyPrefix') ?? '';
  const credentials: RedisOptions = {
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
  };
  const scheme = url.protocol.slice(0, -1);
  if (scheme === 'redis+socket') {
    const path = decodeURIComponent(url.pathname);
    const db = database(reader.text('virtual_host') ?? '0', 'virtual_host', reader);
    return {
      address: `redis+socket://${path}?virtual_host=${db}`,
      options: { ...credentials, path, db },
      clusterNodes: [],
      keyPrefix,
    };
  }
  const db = database(url.pathname.slice(1) || '0', 'path', reader);
  const host = hostOf(url.hostname) || 'localhost';
  const tls = scheme === 'rediss' ? { tls: tlsOf(reader) } : {};
  if (scheme === 'sentinel') {
    const first = { host, port: Number(url.port || 26_379) };
    const name = reader.text('master') ?? 'mymaster';
    const sentinelPassword = reader.text('sentinelPassword');
    return {
      address: `sentinel://${first.host}:${first.port}/${db}?master=${name}`,
      options: {
        ...credentials,
        db,
        name,
        sentinels: [first, ...reader.nodes('sentinel', 26_379)],
        ...(sentinelPassword !== undefined && { sentinelPassword }),
      },
      clusterNodes: [],
      keyPrefix,
    };
  }
  const port = Number(url.port || 6379);
  return {
    address: `${scheme}://${host}:${port}/${db}`,
    options: { ...credentials, ...tls, host, port, db },
    clusterNodes: reader.flag('cluster') ? [{ host, port }, ...reader.nodes('node', 6379)] : [],
    keyPrefix,
  };
}

function database(text: string, option: string, reader: UrlReader): number {
  if (!/^\d{1,4}$/.test(text)) reader.problem(option, 'the number of a database', text);
  return Number.parseInt(text, 10) || 0;
}

/** Certificates are always verified; a private authority is named by its file. */
function tlsOf(reader: UrlReader): NonNullable<RedisOptions['tls']> {
  const file = (name: string): Buffer | undefined => {
    const path = reader.text(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch {
      reader.problem(name, 'a file that can be read', path);
      return undefined;
    }
  };
  const [ca, cert, key] = [file('ssl_ca_certs'), file('ssl_certfile'), file('ssl_keyfile')];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
