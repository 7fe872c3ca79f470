import type { Random } from '../run/random.js';
import { type FaultKind, plannedFaults } from './fault-record.js';

/** A fault that is to come. */
export interface FaultStep {
  /** Since the fault before, in milliseconds. */
  readonly pauseMs: number;
  readonly kind: FaultKind;
}

/** How many kills there are for one of another kind. */
const killsPerOther: Readonly<Partial<Record<FaultKind, number>>> = {
  kill: 1,
  terminate: 10,
  freeze: 10,
  clients: 10,
  producer: 10,
  'broker-restart': 20,
  'broker-kill': 20,
};

/** The faults of a run in random order, 300 to 700 ms apart: as many kills as asked for, and the others in proportion. */
export function planFaults(
  kills: number,
  allowed: readonly FaultKind[],
  random: Random,
): readonly FaultStep[] {
  if (kills === 0) return [];
  const kinds = plannedFaults
    .filter((kind) => allowed.includes(kind))
    .flatMap((kind) =>
      Array<FaultKind>(Math.max(1, Math.round(kills / (killsPerOther[kind] ?? 1)))).fill(kind),
    );
  return random.shuffle(kinds).map((kind) => ({ kind, pauseMs: random.between(300, 700) }));
}
