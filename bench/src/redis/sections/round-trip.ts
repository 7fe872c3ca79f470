import { goal } from '../../measure/report.js';
import { median, percentile } from '../../measure/rounds.js';
import type { Timed } from '../agent/timed.js';
import type { Entrant, EntrantKind } from '../cast.js';
import { medianOf } from '../rates.js';
import { inTurns, shareOf, type Stage } from '../stage.js';

const concurrency = 100;
const count = 2000;
const skip = 50;

interface Trips {
  readonly times: readonly number[];
  readonly timed: Timed;
}

type TripRounds = ReadonlyMap<Entrant, readonly Trips[]>;

/** How long a caller waits for a result, one task at a time. */
export async function compareRoundTrips(stage: Stage): Promise<void> {
  await compare(stage, 'another process', false);
  await compare(stage, 'the same process', true);
}

async function compare(stage: Stage, place: string, together: boolean): Promise<void> {
  // A Python worker never shares a process with its caller.
  const entrants = stage.entrants.filter(
    ({ kind }) =>
      kind !== 'lovage-untracked' && !(together && (kind === 'celery-solo' || kind === 'celery-prefork')),
  );
  const rounds: TripRounds = await inTurns({ ...stage, entrants }, async (entrant, agents) => {
    const own = shareOf(entrant, stage.options, count);
    const worker = together ? agents.producer : agents.worker;
    await worker.ask('serve', { concurrency });
    const trips = await agents.producer.ask('roundTrips', { count: own, skip: Math.min(skip, own) });
    await worker.ask('halt', {});
    return trips ?? undefined;
  });
  print(`send → result, one at a time, worker in ${place}: µs`, rounds);
  const p50 = (kind: EntrantKind): number => medianOf(rounds, kind, ({ times }) => percentile(times, 0.5));
  const p99 = (kind: EntrantKind): number => medianOf(rounds, kind, ({ times }) => percentile(times, 0.99));
  goal(
    `result at the caller, worker in ${place}, p50, times BullMQ`,
    p50('lovage') / p50('bullmq'),
    { atMost: 0.5 },
    2,
  );
  goal(
    `result at the caller, worker in ${place}, p99, times BullMQ`,
    p99('lovage') / p99('bullmq'),
    { atMost: 1 },
    2,
  );
}

function print(title: string, rounds: TripRounds): void {
  console.log(`\n${title} (medians of the rounds)`);
  console.table(
    [...rounds].map(([{ name }, all]) => {
      const at = (part: number): string => median(all.map(({ times }) => percentile(times, part))).toFixed(0);
      const each = (pick: (timed: Timed) => number): string =>
        (1e6 * median(all.map(({ timed }) => pick(timed) / timed.count))).toFixed(0);
      return {
        contender: name,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        'CPU µs, caller': each(({ cpuSeconds }) => cpuSeconds),
        'CPU µs, server': each(({ serverCpuSeconds }) => serverCpuSeconds),
      };
    }),
  );
}
