import { readFileSync } from 'node:fs';
import type { TaskApp, WorkerOptions } from '@lovage/core';
import { goal } from '../measure/report.js';
import { median } from '../measure/rounds.js';
import { withPool } from './with-pool.js';

const inFlight = 100;
const tasksARound = 20_000;
const rounds = 5;

interface HopRow {
  readonly pool: string;
  /** Microseconds of CPU of all processes, for each task. */
  readonly cpu: number;
  readonly perSecond: number;
}

/** What it costs to run a task in a child. */
export async function measurePools(): Promise<void> {
  const plain = await hopOf('async', { concurrency: inFlight });
  const hops = [];
  for (const pool of ['threads', 'processes'] as const) {
    hops.push(await hopOf(pool, { pool, concurrency: 2, concurrencyPerChild: inFlight / 2 }));
  }
  console.log(`\na task that does nothing, ${inFlight} in flight, two children: CPU of all processes`);
  console.table(
    [plain, ...hops].map((row) => ({
      pool: row.pool,
      'µs of CPU a task': row.cpu.toFixed(1),
      'of these the hop': (row.cpu - plain.cpu).toFixed(1),
      'tasks a second': Math.round(row.perSecond),
    })),
  );
  for (const row of hops) goal(`µs of CPU for a hop, ${row.pool}`, row.cpu - plain.cpu, { atMost: 60 }, 1);
}

async function hopOf(pool: string, worker: WorkerOptions): Promise<HopRow> {
  return await withPool(worker, async (app) => {
    const cpu: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const before = cpuMicros(app);
      const begin = performance.now();
      await runAll(app, tasksARound);
      if (round === 0) continue;
      cpu.push((cpuMicros(app) - before) / tasksARound);
      rates.push((tasksARound * 1000) / (performance.now() - begin));
    }
    return { pool, cpu: median(cpu), perSecond: median(rates) };
  });
}

/** Each that ends is followed by the next, as from producers that go on. */
async function runAll(app: TaskApp, count: number): Promise<void> {
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      const result = await app.client.send<number>('math.add', { args: [sent, 1] });
      await result.get();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** Of this process, its threads among it, and of its child processes (Linux). */
function cpuMicros(app: TaskApp): number {
  const { user, system } = process.cpuUsage();
  const children = (app.worker?.poolChildren ?? []).map((name) => /^process (\d+)$/.exec(name)?.[1]);
  return children.reduce((sum, pid) => sum + (pid === undefined ? 0 : cpuMicrosOf(pid)), user + system);
}

/** The kernel counts in hundredths of a second. */
function cpuMicrosOf(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
