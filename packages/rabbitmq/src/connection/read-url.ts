import { readFileSync } from 'node:fs';
import { durationMs, OPTION_INVALID } from '@lovage/core';
import type { RabbitSettings, RabbitTarget } from './rabbit-target.js';

const parameters = [
  'heartbeat',
  'queueType',
  'maxPriority',
  'deliveryLimit',
  'delayQueueType',
  'consumerTimeout',
  'ssl_ca_certs',
  'ssl_certfile',
  'ssl_keyfile',
];
/** Half as long as the time for which a task may keep the event loop busy without losing the connection. */
const standardHeartbeatSeconds = 20;

/** Collects what is wrong with a URL, so that all is told at once. Never shows credentials. */
class UrlReader {
  readonly problems: { readonly option: string; readonly expected: string; readonly got: unknown }[] = [];

  constructor(readonly url: URL) {
    for (const name of new Set(url.searchParams.keys())) {
      if (!parameters.includes(name)) this.problem(`?${name}`, `one of ${parameters.join(', ')}`, name);
    }
  }

  problem(option: string, expected: string, got: unknown): void {
    this.problems.push({ option: `url ${option}`, expected, got });
  }

  text(name: string): string | undefined {
    return this.url.searchParams.get(name) ?? undefined;
  }

  whole(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    this.problem(`?${name}`, `a whole number from ${min} to ${max}`, value);
    return undefined;
  }

  queueType(name: string, standard: 'classic' | 'quorum'): 'classic' | 'quorum' {
    const value = this.text(name) ?? standard;
    if (value === 'classic' || value === 'quorum') return value;
    this.problem(`?${name}`, '"classic" or "quorum"', value);
    return standard;
  }

  duration(name: string, standard: string): number {
    const value = this.text(name) ?? standard;
    try {
      const ms = durationMs(/^\d+$/.test(value) ? Number(value) : (value as '1s'), name);
      if (ms >= 1000) return ms;
    } catch {
      // Told below.
    }
    this.problem(`?${name}`, 'a duration of at least 1 s such as "30m", or a number of seconds', value);
    return 1000;
  }

  decoded(what: string, text: string): string {
    try {
      return decodeURIComponent(text);
    } catch {
      this.problem(what, 'text in which "%" is written as "%25"', 'something else');
      return '';
    }
  }

  file(name: string): Buffer | undefined {
    const path = this.text(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch {
      this.problem(`?${name}`, 'a file that can be read', path);
      return undefined;
    }
  }
}

/**
 * Reads a broker or result store URL: `amqp://[user:password@]host[:5672]/[vhost]`, the same with TLS: `amqps://…:5671`.
 *
 * The path names the virtual host as in Celery: without a path, `/` and `//` it is the standard one (`/`); `/a` and `//a` are
 * `a` and `/a`; `%2F` stands for a slash.
 *
 * @throws LOVAGE_OPTION_INVALID with everything that is wrong
 */
export function readUrl(url: URL): RabbitSettings {
  const reader = new UrlReader(url);
  const settings: RabbitSettings = {
    target: targetOf(url, reader),
    queueType: reader.queueType('queueType', 'classic'),
    maxPriority: reader.whole('maxPriority', 1, 255),
    deliveryLimit: reader.whole('deliveryLimit', 1, 999_999),
    delayQueueType: reader.queueType('delayQueueType', 'quorum'),
    consumerTimeoutMs: reader.duration('consumerTimeout', '30m'),
  };
  if (settings.queueType === 'quorum' && settings.maxPriority !== undefined) {
    reader.problem('?maxPriority', 'absent, since quorum queues have no priorities', settings.maxPriority);
  }
  if (reader.problems.length > 0) throw OPTION_INVALID.create({ problems: reader.problems });
  return settings;
}

function targetOf(url: URL, reader: UrlReader): RabbitTarget {
  const protocol = url.protocol === 'amqps:' ? 'amqps' : 'amqp';
  // Brackets of an IPv6 address belong to the URL, not to the address.
  const hostname = url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const port = Number(url.port || (protocol === 'amqps' ? 5671 : 5672));
  const vhost = reader.decoded('path', url.pathname.slice(1)) || '/';
  const named = url.username !== '' || url.password !== '';
  const [ca, cert, key] = [
    reader.file('ssl_ca_certs'),
    reader.file('ssl_certfile'),
    reader.file('ssl_keyfile'),
  ];
  return {
    address: `${protocol}://${url.hostname || 'localhost'}:${port}/${encodeURIComponent(vhost)}`,
    protocol,
    hostname,
    port,
    // Celery's and RabbitMQ's own standard; the server takes it from its own machine only.
    username: named ? reader.decoded('user', url.username) : 'guest',
    password: named ? reader.decoded('password', url.password) : 'guest',
    vhost,
    heartbeatSeconds: reader.whole('heartbeat', 0, 3600) ?? standardHeartbeatSeconds,
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}
