import type { Random } from '../run/random.js';
import { type FaultKind, plannedFaults } from './fault-record.js';

/** A fault that is to come. */
export interface FaultStep {
  /** Since the fault before, in milliseconds. */
  readonly pauseMs: number;
  readonly kind: FaultKind;
}

/** How many kills there are for one of this kind. */
const killsPer: Readonly<Record<(typeof plannedFaults)[number], number>> = {
  kill: 1,
  terminate: 10,
  freeze: 10,
  clients: 10,
  producer: 10,
  'broker-restart': 20,
  'broker-kill': 20,
};

/**
 * The faults of a run in random order, 300 to 700 ms apart.
 *
 * @param restarts of the broker, half of them by SIGKILL; default: in proportion
 * @param count how many there are of the most frequent kind that is allowed; the others come in proportion, once at least
 */
export function planFaults(
  count: number,
  allowed: readonly FaultKind[],
  random: Random,
  restarts?: number,
): readonly FaultStep[] {
  if (count === 0 && restarts === undefined) return [];
  const present = plannedFaults.filter((kind) => allowed.includes(kind));
  const fewest = Math.min(...present.map((kind) => killsPer[kind]));
  const kinds = present.flatMap((kind) => {
    const asked = isRestart(kind) ? restarts : undefined;
    const usual = count === 0 ? 0 : Math.max(1, Math.round((count * fewest) / killsPer[kind]));
    const own = asked === undefined ? usual : shareOf(kind, asked);
    return Array<FaultKind>(own).fill(kind);
  });
  return random.shuffle(kinds).map((kind) => {
    // One restart upon another would try nothing but a broker that is away.
    const rests = restarts !== undefined && isRestart(kind);
    return { kind, pauseMs: rests ? random.between(2000, 4000) : random.between(300, 700) };
  });
}

const isRestart = (kind: FaultKind): boolean => kind === 'broker-restart' || kind === 'broker-kill';

/** Half of the restarts are kills. */
const shareOf = (kind: FaultKind, restarts: number): number =>
  kind === 'broker-kill' ? Math.floor(restarts / 2) : Math.ceil(restarts / 2);
