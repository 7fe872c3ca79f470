import type { TaskApp } from '@lovage/core';

export interface BannerParts {
  /** As given to `--app`. */
  readonly given: string;
  readonly version: string;
}

const row = (name: string, value: string): string => `  ${`${name}:`.padEnd(13)} ${value}`;

/** What a worker is, as it begins: app, transport, results, concurrency, queues and tasks. Without passwords. */
export function banner(app: TaskApp, { given, version }: BannerParts): string {
  const { settings, stores, registry, worker } = app;
  const pool = settings.worker?.pool;
  return [
    `lovage ${version}, worker ${worker?.hostname ?? ''}`,
    '',
    '[config]',
    row('app', given),
    row('transport', stores.broker.address),
    row('results', resultsOf(app)),
    row('concurrency', `${concurrencyOf(pool)} (${pool?.kind ?? 'async'})`),
    row('prefetch', String(settings.worker?.prefetch ?? '')),
    // Events on the wire are not there yet.
    row('task events', 'OFF'),
    row('beat', app.beat === undefined ? 'OFF' : 'ON'),
    '',
    '[queues]',
    ...(settings.worker?.queues ?? []).flatMap((queue) => queueLines(app, queue)),
    '',
    '[tasks]',
    ...registry
      .names()
      .toSorted()
      .map((name) => `  . ${name}`),
    '',
  ].join('\n');
}

function resultsOf({ settings, stores }: TaskApp): string {
  if (settings.results === false) return 'disabled';
  // Nobody keeps them, so the address of the broker would say too much.
  if (stores.results?.capabilities.shared === false) return 'rpc://, to whoever has sent the task';
  if (settings.results === settings.broker) return stores.broker.address;
  // Without what may be a password.
  const { protocol, host, pathname } = new URL(settings.results);
  return `${protocol}//${host}${pathname}`;
}

type PoolOf = NonNullable<TaskApp['settings']['worker']>['pool'];

function concurrencyOf(pool: PoolOf | undefined): string {
  if (pool === undefined) return '';
  const { autoscaleFrom: min, concurrency } = pool;
  return min === undefined ? String(concurrency) : `${min} to ${concurrency}`;
}

function queueLines({ settings }: TaskApp, queue: string): readonly string[] {
  const { exchanges = [], bindings = [] } = settings.topology;
  const bound = bindings.filter((binding) => binding.queue === queue);
  const rows = bound.map(({ exchange, routingKey }) => {
    const type = exchanges.find(({ name }) => name === exchange)?.type ?? 'direct';
    return `  .> ${queue.padEnd(16)} exchange=${exchange}(${type}) key=${routingKey}`;
  });
  return rows.length > 0 ? rows : [`  .> ${queue.padEnd(16)} exchange=(direct) key=${queue}`];
}
