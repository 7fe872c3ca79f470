import { parseArgs } from 'node:util';
import { type Duration, durationMs } from '@lovage/core';
import { type FaultKind, plannedFaults } from '../faults/fault-record.js';
import { integer, namesOf, secondsPerKill, secondsPerRestart } from '../run/settings.js';

/** A run in which workers are killed while chords go on, and each chord is accounted for. */
export interface ChordRunSettings {
  /** Name in the table of brokers. */
  readonly broker: string;
  readonly chords: number;
  /** Members of each. */
  readonly size: number;
  readonly kills: number;
  readonly restarts: number | undefined;
  readonly workers: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly maxDeliveries: number;
  readonly seed: number;
  /** Chords sent in a second. */
  readonly rate: number;
  readonly faults: readonly FaultKind[];
  readonly fsync: 'always';
}

/** The sender is this program itself. */
const possible: readonly FaultKind[] = plannedFaults.filter((kind) => kind !== 'producer');

export const chordUsage = `or: npm run accounting -- --chords 200 [--broker redis|rabbitmq|rabbitmq-quorum] [--size 20] [--kills 20]
  --faults kill,freeze,…         of: ${possible.join(', ')}; default: kill
  --restarts, --workers, --concurrency, --lease, --max-deliveries, --seed: as above`;

const options = {
  broker: { type: 'string', default: 'redis' },
  chords: { type: 'string', default: '200' },
  size: { type: 'string', default: '20' },
  kills: { type: 'string', default: '20' },
  restarts: { type: 'string' },
  workers: { type: 'string', default: '3' },
  concurrency: { type: 'string', default: '16' },
  lease: { type: 'string', default: '2s' },
  'max-deliveries': { type: 'string', default: '20' },
  seed: { type: 'string' },
  faults: { type: 'string', default: 'kill' },
} as const;

/** Whether the arguments ask for a run of chords. */
export const asksForChords = (args: readonly string[]): boolean =>
  args.some((one) => one === '--chords' || one.startsWith('--chords='));

/**
 * @param newSeed used where none is given
 * @throws Error that says what is wrong with one of them
 */
export function readChordRun(args: readonly string[], newSeed: number): ChordRunSettings {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const chords = integer('chords', values.chords, 1, 1_000_000);
  const kills = integer('kills', values.kills, 0, 10_000);
  const restarts = values.restarts === undefined ? undefined : integer('restarts', values.restarts, 0, 1000);
  const seconds = kills * secondsPerKill + (restarts ?? 0) * secondsPerRestart;
  return {
    broker: values.broker,
    chords,
    size: integer('size', values.size, 1, 10_000),
    kills,
    restarts,
    workers: integer('workers', values.workers, 1, 64),
    concurrency: integer('concurrency', values.concurrency, 1, 1000),
    leaseMs: durationMs(values.lease as Duration, '--lease'),
    maxDeliveries: integer('max-deliveries', values['max-deliveries'], 1, 1000),
    seed: integer('seed', values.seed ?? String(newSeed), 0, 0xffffffff),
    rate: chords / Math.max(1, seconds),
    faults: namesOf('faults', values.faults, possible),
    fsync: 'always',
  };
}
