import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TaskApp } from '@lovage/core';
import { goal } from '../measure/report.js';
import { median } from '../measure/rounds.js';
import { primesBelow } from './pool-app.js';
import { withPool } from './with-pool.js';

interface Length {
  /** As the goal names it. */
  readonly of: string;
  readonly below: number;
  readonly tasks: number;
}

/** A hop is a larger part of the short ones: with tasks of some microseconds no child pays. */
const lengths: readonly Length[] = [
  { of: 'about 2 ms', below: 40_000, tasks: 200 },
  { of: 'about 25 ms', below: 230_000, tasks: 40 },
];
const rounds = 5;
/** Tasks that do nothing, before: of a worker that has been up for a while the code is compiled. */
const warmingTasks = 5000;
const pools = ['threads', 'processes'] as const;

/**
 * Tasks that compute: on one core, by two bare processes, and by two children of each pool, in turn. What two processes gain is for the
 * machine to say (its cores share caches, clock and neighbours), so ours stand beside the bare ones of the same moment.
 */
export async function measureCores(): Promise<void> {
  const bare = await BarePair.start();
  try {
    for (const pool of pools) {
      await withPool({ pool, concurrency: 2 }, async (app) => {
        await runAll(app, 'math.add', warmingTasks, 1);
        for (const length of lengths) await measureLength(pool, length, app, bare);
      });
    }
  } finally {
    bare.end();
  }
}

async function measureLength(pool: string, length: Length, app: TaskApp, bare: BarePair): Promise<void> {
  const { of, below, tasks } = length;
  const gains: number[] = [];
  const bareGains: number[] = [];
  const parts: number[] = [];
  const singles: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const one = alone(length);
    const together = await timed(async () => await runAll(app, 'math.primes', tasks, below));
    const two = await timed(async () => await bare.run(length));
    if (round === 0) continue;
    singles.push(one / tasks);
    gains.push(one / together);
    bareGains.push(one / two);
    parts.push(two / together);
  }
  const [gain, bareGain, part] = [median(gains), median(bareGains), median(parts)];
  console.log(
    `${pool}, tasks of ${median(singles).toFixed(1)} ms: ${gain.toFixed(2)} times one core; two bare processes ${bareGain.toFixed(2)}; ours is ${part.toFixed(2)} of that`,
  );
  if (pool === 'threads') return;
  goal(`two processes that compute, tasks of ${of}, times one core`, gain, { atLeast: 1.8 }, 2);
  goal('the same, as a part of what two bare processes reach', part, { atLeast: 0.95 }, 2);
}

async function runAll(app: TaskApp, name: string, tasks: number, argument: number): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: tasks }, async () => await app.client.send(name, { args: [argument, 1] })),
  );
  await Promise.all(results.map(async (result) => await result.get()));
}

/** Milliseconds. */
async function timed(action: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await action();
  return performance.now() - begin;
}

function alone({ tasks, below }: Length): number {
  const begin = performance.now();
  for (let task = 0; task < tasks; task += 1) primesBelow(below);
  return performance.now() - begin;
}

/** Two processes that share the work by halves. */
class BarePair {
  private constructor(private readonly processes: readonly ChildProcess[]) {}

  static async start(): Promise<BarePair> {
    const processes = [0, 1].map(() => fork(new URL('./bare-process.js', import.meta.url)));
    await Promise.all(processes.map(async (one) => void (await once(one, 'message'))));
    return new BarePair(processes);
  }

  async run({ tasks, below }: Length): Promise<void> {
    await Promise.all(
      this.processes.map(async (one) => {
        const done = once(one, 'message');
        one.send({ tasks: tasks / 2, below });
        await done;
      }),
    );
  }

  end(): void {
    for (const one of this.processes) one.disconnect();
  }
}
