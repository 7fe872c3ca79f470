import { CeleryClient, CeleryWorker, RedisServer } from '@lovage/services';
import { bullmq } from './canvas/bullmq.js';
import { celery } from './canvas/celery.js';
import type { CanvasContender } from './canvas/contender.js';
import { lovage } from './canvas/lovage.js';
import { goal, printGoals } from './measure/report.js';
import { median } from './measure/rounds.js';

const rounds = Number(process.env['ROUNDS'] ?? 15);
/** Not counted: what runs for the first time is not compiled yet, and a worker lives long. */
const warmingRounds = 10;
const chainSteps = 100;
const groupSize = 1000;

/** Workflows of no-op tasks on Redis, from the call to the result at the caller, in milliseconds; each in turn, round by round. */
const redis = new RedisServer();
await redis.start();
const worker = new CeleryWorker({ broker: redis.url, queues: ['celery'] });
const client = new CeleryClient({ broker: redis.url });
await Promise.all([worker.start(), client.start()]);
const contenders: CanvasContender[] = [await lovage(redis.url), await bullmq(redis.url), celery(client)];
const figures = new Map<string, { readonly chain: number[]; readonly group: number[] }>();
try {
  for (let round = 0; round < warmingRounds + rounds; round += 1) {
    for (const { name, chain, group } of contenders) {
      const kept = figures.get(name) ?? { chain: [], group: [] };
      figures.set(name, kept);
      const chainMs = await timed(async () => await chain(chainSteps));
      const groupMs = await timed(async () => await group(groupSize));
      if (round < warmingRounds) continue;
      kept.chain.push(chainMs);
      kept.group.push(groupMs);
    }
  }
} finally {
  for (const { close } of contenders) await close();
  await Promise.all([worker.kill(), client.stop()]);
  await redis.close();
}

console.log(`\nchain of ${chainSteps}, group of ${groupSize} with a join: ms, medians of ${rounds} rounds`);
console.table(
  [...figures].map(([name, { chain, group }]) => ({
    contender: name,
    chain: median(chain).toFixed(1),
    group: median(group).toFixed(1),
  })),
);
const of = (name: string, shape: 'chain' | 'group'): number => median(figures.get(name)?.[shape] ?? []);
goal(
  `chain of ${chainSteps}, times BullMQ`,
  of('Lovage', 'chain') / of('BullMQ', 'chain'),
  { atMost: 0.33 },
  2,
);
goal(
  `group of ${groupSize} with a join, times BullMQ`,
  of('Lovage', 'group') / of('BullMQ', 'group'),
  { atMost: 0.33 },
  2,
);
printGoals();

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
