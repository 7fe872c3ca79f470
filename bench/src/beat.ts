import { fileURLToPath } from 'node:url';
import { every, once, TaskApp } from '@lovage/core';
import { ChildProgram, RedisServer, waitFor } from '@lovage/services';
import { goal, printGoals } from './measure/report.js';
import { median } from './measure/rounds.js';

// npm run bench -- beat: how much a beat costs while nothing is due, and how late ticks are when many are due at once. On Redis, the
// beat in a process of its own.

const idleEntries = 10_000;
const idleSeconds = 20;
const burst = 1000;
const rounds = 5;
const queue = 'bench-ticks';
const task = 'bench.tick';

const percentile = (values: readonly number[], part: number): number =>
  values[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;

/** Adds schedules, many at once. */
async function add(
  app: TaskApp,
  count: number,
  one: (index: number) => () => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < count; from += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, count - from) }, async (_, index) => await one(from + index)()),
    );
}

const server = new RedisServer();
await server.start();
const lateness: number[] = [];
const app = await TaskApp.create(
  { broker: server.url, results: false, queues: [queue], worker: { concurrency: 1000 } },
  { host: 'bench' },
);
app.registry.add({
  name: task,
  options: {},
  source: 'bench',
  run: ([dueMs]) => {
    lateness.push(Date.now() - Number(dueMs));
  },
});
await app.start();

const beat = new ChildProgram({
  name: 'beat',
  command: process.execPath,
  args: [fileURLToPath(new URL('beat/beat-process.js', import.meta.url)), server.url],
});
await beat.start();
await beat.waitForLine(/^ready$/, { withinMs: 60_000 });

/** Milliseconds of processor time that the beat has used. */
async function cpuMs(): Promise<number> {
  const before = beat.output('stdout').split('\n').length;
  beat.signal('SIGUSR2');
  let line: string | undefined;
  await waitFor(
    () => {
      line = beat
        .output('stdout')
        .split('\n')
        .slice(before - 1)
        .find((one) => one.startsWith('cpu '));
      return line !== undefined;
    },
    { withinMs: 30_000, what: 'the beat to answer' },
  );
  return Number(line?.slice('cpu '.length));
}

console.log(`${rounds} bursts of ${burst} entries due at one moment`);
const latest: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  // Time for all of them to be added, and for the beat to read them.
  const due = new Date(Math.ceil((Date.now() + 10_000) / 1000) * 1000);
  lateness.length = 0;
  await add(
    app,
    burst,
    (index) => async () =>
      await app.schedules.add(`burst ${round} ${index}`, {
        task,
        schedule: once(due),
        args: [due.getTime()],
        queue,
      }),
  );
  const left = due.getTime() - Date.now();
  await waitFor(() => lateness.length >= burst, { withinMs: 60_000, what: 'the burst' });
  const sorted = lateness.toSorted((a, b) => a - b);
  latest.push(percentile(sorted, 0.99));
  console.log(
    `round ${round + 1}: added ${left} ms ahead; lateness p50 ${percentile(sorted, 0.5)} ms, p99 ${percentile(sorted, 0.99)} ms, most ${sorted.at(-1)} ms`,
  );
}

console.log(`${idleEntries} entries, none due for hours`);
await add(
  app,
  idleEntries,
  (index) => async () =>
    await app.schedules.add(`idle ${index}`, { task, schedule: every(36_000 + index), queue }),
);
// Until it has read the last of them.
for (let last = -1, now = await cpuMs(); now - last > 50; ) {
  last = now;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  now = await cpuMs();
}
const before = await cpuMs();
await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
const used = (await cpuMs()) - before;
console.log(
  `idle: ${used.toFixed(0)} ms of a core in ${idleSeconds} s: ${((used / idleSeconds / 1000) * 100).toFixed(2)} %`,
);
goal(`lateness p99 of ${burst} due in one second, ms`, median(latest), { atMost: 250 }, 0);
goal(
  `a core with ${idleEntries} entries and nothing due, %`,
  (used / idleSeconds / 1000) * 100,
  { atMost: 1 },
  2,
);

await beat.kill();
await app.close();
await server.close();
printGoals();
