import { goal, printTable } from '../../measure/report.js';
import { rateOf, ratesOf } from '../rates.js';
import { inTurns, shareOf, type Stage } from '../stage.js';

const concurrency = 100;
const count = 30_000;
/** Part of the tasks that is done before the clock runs. */
const warmUp = 0.1;

/** How fast one worker process works off a queue. */
export async function compareDrain(stage: Stage): Promise<void> {
  const entrants = stage.entrants.filter(({ kind }) => kind !== 'lovage-untracked');
  const rounds = await inTurns({ ...stage, entrants }, async (entrant, { producer, worker }) => {
    const own = shareOf(entrant, stage.options, count);
    await producer.ask('fill', { count: own });
    return await worker.ask('drain', { count: own, skip: Math.ceil(own * warmUp), concurrency });
  });
  printTable(
    `drain: tasks a second, one worker, concurrency ${concurrency}, results kept`,
    ratesOf(rounds),
    'bullmq',
  );
  const rate = rateOf(rounds, 'lovage');
  goal('drain, times BullMQ', rate / rateOf(rounds, 'bullmq'), { atLeast: 4 }, 2);
  goal('drain, times bee-queue', rate / rateOf(rounds, 'bee-queue'), { atLeast: 1.5 }, 2);
}
