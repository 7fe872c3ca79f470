import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { goal } from '../measure/report.js';
import { median } from '../measure/rounds.js';
import { primesBelow } from './pool-app.js';
import { withPool } from './with-pool.js';

const below = 40_000;
const tasks = 200;
const rounds = 5;
const pools = ['threads', 'processes'] as const;

/**
 * Tasks that compute: on one core, by two bare processes, and by two children of each pool, in turn. What two processes gain is for the
 * machine to say (its cores share caches, clock and neighbours), so ours stand beside the bare ones of the same moment.
 */
export async function measureCores(): Promise<void> {
  const bare = await BarePair.start();
  try {
    for (const pool of pools) {
      const gains: number[] = [];
      const bareGains: number[] = [];
      const parts: number[] = [];
      await withPool({ pool, concurrency: 2 }, async (app) => {
        const ours = async (): Promise<number> => {
          const begin = performance.now();
          const results = await Promise.all(
            Array.from(
              { length: tasks },
              async () => await app.client.send('math.primes', { args: [below] }),
            ),
          );
          await Promise.all(results.map(async (result) => await result.get()));
          return performance.now() - begin;
        };
        alone();
        await ours();
        await bare.run();
        for (let round = 0; round < rounds; round += 1) {
          const [one, together, two] = [alone(), await ours(), await bare.run()];
          gains.push(one / together);
          bareGains.push(one / two);
          parts.push(two / together);
        }
      });
      const [gain, bareGain, part] = [median(gains), median(bareGains), median(parts)];
      console.log(
        `${pool}: ${gain.toFixed(2)} times one core; two bare processes ${bareGain.toFixed(2)}; ours is ${part.toFixed(2)} of that`,
      );
      if (pool === 'threads') continue;
      goal('two processes that compute, times one core', gain, { atLeast: 1.8 }, 2);
      goal('the same, as a part of what two bare processes reach', part, { atLeast: 0.95 }, 2);
    }
  } finally {
    bare.end();
  }
}

function alone(): number {
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

  /** Milliseconds. */
  async run(): Promise<number> {
    const begin = performance.now();
    await Promise.all(
      this.processes.map(async (one) => {
        const done = once(one, 'message');
        one.send({ tasks: tasks / 2, below });
        await done;
      }),
    );
    return performance.now() - begin;
  }

  end(): void {
    for (const one of this.processes) one.disconnect();
  }
}
