import { parseArgs } from 'node:util';
import { type Duration, durationMs } from '@lovage/core';
import { type FaultKind, plannedFaults } from '../faults/fault-record.js';

export interface Settings {
  /** Name in the table of brokers. */
  readonly broker: string;
  readonly tasks: number;
  /** Workers to be ended by SIGKILL, or faults of the most frequent kind that is asked for; others come in proportion. */
  readonly kills: number;
  /** Restarts of the broker, half of them by SIGKILL; `undefined`: in proportion. */
  readonly restarts: number | undefined;
  readonly workers: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly maxDeliveries: number;
  readonly seed: number;
  /** Tasks sent in a second. */
  readonly rate: number;
  readonly faults: readonly FaultKind[];
  /** How a broker with a log on disk writes it: Redis's `appendfsync`. */
  readonly fsync: 'everysec' | 'always';
  readonly keepsResults: boolean;
  /** Keep the folder of the run although nothing was found. */
  readonly keep: boolean;
}

export const usage = `usage: npm run accounting -- [--broker redis|rabbitmq|rabbitmq-quorum] [--tasks 10000] [--kills 20]
  --restarts N                   restarts of the broker, half of them by SIGKILL; default: one or two
  --workers 3 --concurrency 16   worker processes, and tasks at once in each
  --lease 2s                     a worker that is silent for so long has lost its work
  --rate N                       tasks sent in a second; default: so many that the load lasts as long as the faults
  --faults kill,freeze,…         of: ${plannedFaults.join(', ')}; default: all
  --fsync always|everysec        when Redis has its log written to the disk; with everysec it may lose the last second
  --max-deliveries 5             a message delivered more often is parked
  --results on|off               with or without result store
  --seed N                       repeats durations of tasks and choices of faults
  --keep                         keep the evidence also of a run without findings
  --check FOLDER                 check the evidence of a run once more, and do nothing else`;

/** What was asked for: a run, the check of one that is over, or what can be asked for. */
export type Request = { readonly kind: 'run'; readonly settings: Settings } | CheckRequest | HelpRequest;
interface CheckRequest {
  readonly kind: 'check';
  readonly folder: string;
}
interface HelpRequest {
  readonly kind: 'help';
}

const options = {
  broker: { type: 'string', default: 'redis' },
  tasks: { type: 'string', default: '10000' },
  kills: { type: 'string', default: '20' },
  restarts: { type: 'string' },
  workers: { type: 'string', default: '3' },
  concurrency: { type: 'string', default: '16' },
  lease: { type: 'string', default: '2s' },
  'max-deliveries': { type: 'string', default: '5' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  faults: { type: 'string', default: plannedFaults.join(',') },
  fsync: { type: 'string', default: 'always' },
  results: { type: 'string', default: 'on' },
  keep: { type: 'boolean', default: false },
  check: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Load for each kill: the pause before it, the faults of other kinds, and until another worker has started. */
export const secondsPerKill = 1.3;
/** A broker is away for some seconds. */
export const secondsPerRestart = 7;
const mostTasksPerSecond = 400;

/**
 * Reads the arguments of the command line.
 *
 * @param newSeed used where none is given
 * @throws Error that says what is wrong with one of them
 */
export function readRequest(args: readonly string[], newSeed: number): Request {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  if (values.help) return { kind: 'help' };
  if (values.check !== undefined) return { kind: 'check', folder: values.check };
  const tasks = integer('tasks', values.tasks, 1, 10_000_000);
  const kills = integer('kills', values.kills, 0, 10_000);
  const restarts = values.restarts === undefined ? undefined : integer('restarts', values.restarts, 0, 1000);
  const seconds = kills * secondsPerKill + (restarts ?? 0) * secondsPerRestart;
  const rate = Math.min(mostTasksPerSecond, tasks / Math.max(1, seconds));
  const settings: Settings = {
    broker: values.broker,
    tasks,
    kills,
    restarts,
    workers: integer('workers', values.workers, 1, 64),
    concurrency: integer('concurrency', values.concurrency, 1, 1000),
    leaseMs: durationMs(values.lease as Duration, '--lease'),
    maxDeliveries: integer('max-deliveries', values['max-deliveries'], 1, 1000),
    seed: integer('seed', values.seed ?? String(newSeed), 0, 0xffffffff),
    rate: values.rate === undefined ? Math.ceil(rate) : integer('rate', values.rate, 1, 100_000),
    faults: namesOf('faults', values.faults, plannedFaults),
    fsync: oneOf('fsync', values.fsync, ['everysec', 'always']),
    keepsResults: oneOf('results', values.results, ['on', 'off']) === 'on',
    keep: values.keep,
  };
  return { kind: 'run', settings };
}

/** Names with commas between them. */
export function namesOf<T extends string>(option: string, text: string, allowed: readonly T[]): readonly T[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => oneOf(option, name, allowed));
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new Error(`--${name}: expected ${allowed.join(', ')}, got ${text}`);
  return found;
}

export function integer(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`--${name}: expected a whole number from ${least} to ${most}, got ${String(text)}`);
}
