import { goal } from '../../measure/report.js';
import { median, percentile } from '../../measure/rounds.js';
import type { Entrant } from '../cast.js';
import { medianOf } from '../rates.js';
import { inTurns, shareOf, type Stage, usedBytes } from '../stage.js';

const waitingCount = 100_000;
const farMs = 3_600_000;
const dueCount = 10_000;
const concurrency = 100;
/** Time to send what is due in one instant, for each of {@link dueCount}; slow contenders have fewer to send. */
const sendMsEach = 1;
const workerStartMs = 3000;

/** What a delayed task costs while it waits, and how late it begins when many are due at once. */
export async function compareDelayed(stage: Stage): Promise<void> {
  await compareBytes(stage);
  await compareLateness({
    ...stage,
    entrants: stage.entrants.filter(({ kind }) => kind !== 'lovage-untracked'),
  });
}

async function compareBytes(stage: Stage): Promise<void> {
  const { server, options } = stage;
  // Memory does not vary: the round that warms up is the measurement.
  const bytes = new Map<Entrant, readonly number[]>();
  await inTurns(
    stage,
    async (entrant, { producer }) => {
      const own = shareOf(entrant, options, waitingCount);
      const before = await usedBytes(server);
      const delayed = await producer.ask('delay', { count: own, dueMs: Date.now() + farMs });
      if (delayed === true) bytes.set(entrant, [((await usedBytes(server)) - before) / own]);
    },
    0,
  );
  console.log(`\ndelayed tasks: bytes of the server for each, ${waitingCount / options.divisor} waiting`);
  console.table([...bytes].map(([{ name }, [each = 0]]) => ({ contender: name, bytes: each.toFixed(0) })));
  const each = (kind: Entrant['kind']): number => medianOf(bytes, kind, (one) => one);
  goal('bytes a delayed task, times BullMQ', each('lovage') / each('bullmq'), { atMost: 1.5 }, 2);
}

async function compareLateness(stage: Stage): Promise<void> {
  const { options } = stage;
  const rounds = await inTurns(stage, async (entrant, { producer, worker }) => {
    const own = shareOf(entrant, options, dueCount);
    const dueMs = Date.now() + workerStartMs + (dueCount / options.divisor) * sendMsEach;
    const delayed = await producer.ask('delay', { count: own, dueMs });
    if (delayed === null) return undefined;
    if (Date.now() > dueMs - workerStartMs / 2) {
      console.log(`${entrant.name} did not send ${own} tasks in time: this round is left out`);
      return undefined;
    }
    return await worker.ask('late', { count: own, concurrency });
  });
  console.log(`\n${dueCount / options.divisor} tasks due in one instant: ms from then to their start`);
  console.table(
    [...rounds].map(([{ name }, all]) => {
      const at = (part: number): string => median(all.map((late) => percentile(late, part))).toFixed(1);
      return {
        contender: name,
        tasks: all[0]?.length,
        earliest: at(0),
        p50: at(0.5),
        p99: at(0.99),
        last: at(1),
      };
    }),
  );
  const p99 = (kind: Entrant['kind']): number => medianOf(rounds, kind, (late) => percentile(late, 0.99));
  goal(
    'lateness of tasks due in one instant, p99, times BullMQ',
    p99('lovage') / p99('bullmq'),
    { atMost: 1 / 3 },
    2,
  );
}
