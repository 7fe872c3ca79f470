import { parseArgs } from 'node:util';
import { type Duration, durationMs } from '@lovage/core';
import { integer } from '../run/settings.js';

/** A run in which leaders of beats are killed, and each tick is accounted for. */
export interface BeatRunSettings {
  /** Name in the table of brokers. */
  readonly broker: string;
  readonly beats: number;
  readonly schedules: number;
  /** Leaders to be ended by SIGKILL. */
  readonly kills: number;
  /** Leaders to be stopped by SIGSTOP for twice their lease, and continued. */
  readonly pauses: number;
  readonly leaseMs: number;
}

export const beatUsage = `or: npm run accounting -- --beats 5 [--broker redis|rabbitmq] [--schedules 100] [--kills 5]
  --pauses N                     leaders that stand still for twice their lease; default: two for five kills
  --lease 4s                     a leader that is silent for so long has lost its place`;

const options = {
  broker: { type: 'string', default: 'redis' },
  beats: { type: 'string' },
  schedules: { type: 'string', default: '100' },
  kills: { type: 'string', default: '5' },
  pauses: { type: 'string' },
  lease: { type: 'string', default: '4s' },
} as const;

/** Whether the arguments ask for a run of beats. */
export const asksForBeats = (args: readonly string[]): boolean =>
  args.some((one) => one === '--beats' || one.startsWith('--beats='));

/** @throws Error that says what is wrong with one of them */
export function readBeatRun(args: readonly string[]): BeatRunSettings {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const kills = integer('kills', values.kills, 0, 1000);
  return {
    broker: values.broker,
    beats: integer('beats', values.beats, 1, 64),
    schedules: integer('schedules', values.schedules, 1, 10_000),
    kills,
    pauses: integer('pauses', values.pauses ?? String(Math.round(kills * 0.4)), 0, 1000),
    leaseMs: durationMs(values.lease as Duration, '--lease'),
  };
}
