import { goal, printTable } from '../../measure/report.js';
import { rateOf, ratesOf } from '../rates.js';
import { inTurns, shareOf, type Stage } from '../stage.js';

const inFlight = 100;
const count = 20_000;

/** How fast one process hands over tasks, one call for each. */
export async function compareSend(stage: Stage): Promise<void> {
  const rounds = await inTurns(stage, async (entrant, { producer }) => {
    const own = shareOf(entrant, stage.options, count);
    return await producer.ask('send', { count: own, inFlight });
  });
  printTable(
    `send: tasks a second, ${inFlight} in flight (celery: one at a time)`,
    ratesOf(rounds),
    'bullmq',
  );
  goal('send, times BullMQ', rateOf(rounds, 'lovage') / rateOf(rounds, 'bullmq'), { atLeast: 3 }, 2);
}
