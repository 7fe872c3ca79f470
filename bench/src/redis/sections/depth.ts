import { goal } from '../../measure/report.js';
import type { Timed } from '../agent/timed.js';
import type { Entrant, EntrantKind } from '../cast.js';
import { medianOf, rateOf } from '../rates.js';
import { inTurns, shareOf, type Stage, usedBytes } from '../stage.js';

const concurrency = 100;
/** Tasks that are run at each depth; the depth is what is left behind them. */
const run = 15_000;
const skip = 2000;
const weighed = 20_000;
const compared: ReadonlySet<EntrantKind> = new Set(['lovage', 'bullmq', 'bee-queue', 'raw']);

interface AtDepth extends Timed {
  readonly bytes: number;
}

/** Whether a full queue is slower than a short one, and what a waiting task costs. */
export async function compareDepths(stage: Stage): Promise<void> {
  const depths = [1000, 100_000, ...(stage.options.full ? [1_000_000] : [])];
  const entrants = stage.entrants.filter(({ kind }) => compared.has(kind));
  const byDepth = new Map<number, ReadonlyMap<Entrant, readonly AtDepth[]>>();
  for (const depth of depths) {
    byDepth.set(depth, await drainAt({ ...stage, entrants }, depth));
  }
  print(entrants, byDepth);
  const deepest = depths.at(-1) ?? 0;
  const rate = (depth: number): number => rateOf(byDepth.get(depth) ?? new Map(), 'lovage');
  goal(
    `drain with ${deepest} waiting, times with ${depths[0]}`,
    rate(deepest) / rate(depths[0] ?? 0),
    { atLeast: 0.9 },
    2,
  );
  await compareBytes(stage);
}

async function drainAt(stage: Stage, depth: number): Promise<ReadonlyMap<Entrant, readonly AtDepth[]>> {
  const { options, server } = stage;
  // A million takes long to send.
  const rounds = depth > 100_000 ? 1 : options.rounds;
  return await inTurns(
    stage,
    async (entrant, { producer, worker }) => {
      const own = shareOf(entrant, options, run);
      const filled = own + Math.round(depth / options.divisor);
      const before = await usedBytes(server);
      await producer.ask('fill', { count: filled });
      const bytes = ((await usedBytes(server)) - before) / filled;
      const timed = await worker.ask('drain', {
        count: own,
        skip: Math.round(skip / options.divisor),
        concurrency,
      });
      return { ...timed, bytes };
    },
    rounds,
  );
}

function print(
  entrants: readonly Entrant[],
  byDepth: ReadonlyMap<number, ReadonlyMap<Entrant, readonly AtDepth[]>>,
): void {
  console.log(
    '\ndepth: tasks a second with so many left waiting, and bytes of the server for each that waits',
  );
  console.table(
    entrants.map(({ name, kind }) => ({
      contender: name,
      ...Object.fromEntries(
        [...byDepth].flatMap(([depth, rounds]) => [
          [`${depth} left`, rateOf(rounds, kind).toFixed(0)],
          [`bytes at ${depth}`, medianOf(rounds, kind, ({ bytes }) => bytes).toFixed(0)],
        ]),
      ),
    })),
  );
}

/** The same number of the same call for all, Celery's own client among them. */
async function compareBytes(stage: Stage): Promise<void> {
  const { server, options } = stage;
  const bytes = new Map<Entrant, readonly number[]>();
  const count = Math.round(weighed / options.divisor);
  const entrants = stage.entrants.filter(({ kind }) => kind !== 'celery-prefork');
  await inTurns(
    { ...stage, entrants },
    async (entrant, { producer }) => {
      const before = await usedBytes(server);
      await producer.ask('fill', { count });
      bytes.set(entrant, [((await usedBytes(server)) - before) / count]);
    },
    0,
  );
  console.log(`\nwaiting tasks: bytes of the server for each, ${count} waiting`);
  console.table([...bytes].map(([{ name }, [each = 0]]) => ({ contender: name, bytes: each.toFixed(0) })));
  const each = (kind: EntrantKind): number => medianOf(bytes, kind, (one) => one);
  goal('bytes a waiting task, times Celery', each('lovage') / each('celery-solo'), { atMost: 1 }, 2);
  goal(
    'bytes a waiting task without its sent id, times Celery',
    each('lovage-untracked') / each('celery-solo'),
    { atMost: 1 },
    2,
  );
}
