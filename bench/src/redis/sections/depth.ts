import { goal } from '../../measure/report.js';
import { median } from '../../measure/rounds.js';
import type { Timed } from '../agent/timed.js';
import type { Entrant, EntrantKind } from '../cast.js';
import { medianOf } from '../rates.js';
import { type Agents, inTurns, shareOf, type Stage, usedBytes } from '../stage.js';

const concurrency = 100;
/** Tasks that are run at each depth; the depth is what is left behind them. */
const run = 15_000;
const skip = 2000;
const weighed = 20_000;
const compared: ReadonlySet<EntrantKind> = new Set(['lovage', 'bullmq', 'bee-queue', 'raw']);

interface AtDepth extends Timed {
  readonly bytes: number;
}

/** Of one round, by depth. */
type Depths = ReadonlyMap<number, AtDepth>;
type DepthRounds = ReadonlyMap<Entrant, readonly Depths[]>;

/** Whether a full queue is slower than a short one, and what a waiting task costs. */
export async function compareDepths(stage: Stage): Promise<void> {
  const { full, rounds } = stage.options;
  const depths = [1000, 100_000, ...(full ? [1_000_000] : [])];
  const entrants = stage.entrants.filter(({ kind }) => compared.has(kind));
  const found: DepthRounds = await inTurns(
    { ...stage, entrants },
    async (entrant, agents) => {
      const byDepth = new Map<number, AtDepth>();
      for (const depth of depths) {
        await stage.server.command('FLUSHALL', 'SYNC');
        byDepth.set(depth, await drainAt(stage, entrant, agents, depth));
      }
      return byDepth;
    },
    // A million takes long to send.
    full ? 1 : rounds,
  );
  print(found, depths);
  const [shallow = 0] = depths;
  const deep = depths.at(-1) ?? 0;
  const rate = (depth: number): number => medianOf(found, 'lovage', (round) => rateAt(round, depth));
  goal(`drain with ${deep} waiting, times with ${shallow}`, rate(deep) / rate(shallow), { atLeast: 0.9 }, 2);
  await compareBytes(stage);
}

async function drainAt(
  { server, options }: Stage,
  entrant: Entrant,
  { producer, worker }: Agents,
  depth: number,
): Promise<AtDepth> {
  const own = shareOf(entrant, options, run);
  const filled = own + Math.round(depth / options.divisor);
  const before = await usedBytes(server);
  await producer.ask('fill', { count: filled });
  const bytes = ((await usedBytes(server)) - before) / filled;
  const counted = { count: own, skip: Math.round(skip / options.divisor) };
  return { ...(await worker.ask('drain', { ...counted, concurrency })), bytes };
}

function rateAt(round: Depths, depth: number): number {
  const { count, seconds } = round.get(depth) ?? { count: Number.NaN, seconds: 1 };
  return count / seconds;
}

function print(rounds: DepthRounds, depths: readonly number[]): void {
  console.log(
    '\ndepth: tasks a second with so many left waiting, and bytes of the server for each that waits',
  );
  console.table(
    [...rounds].map(([{ name }, all]) => ({
      contender: name,
      ...Object.fromEntries(
        depths.flatMap((depth) => [
          [`${depth} left`, median(all.map((round) => rateAt(round, depth))).toFixed(0)],
          [`bytes at ${depth}`, median(all.map((round) => round.get(depth)?.bytes ?? Number.NaN)).toFixed(0)],
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
