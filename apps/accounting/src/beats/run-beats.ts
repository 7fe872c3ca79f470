import { setTimeout as sleep } from 'node:timers/promises';
import { crontab, every, openSchedule, type ScheduleSpec, TaskApp, tickId } from '@lovage/core';
import { waitFor } from '@lovage/services';
import { brokerNamed } from '../brokers/broker-table.js';
import { BeatFleet } from './beat-fleet.js';
import type { BeatRunSettings } from './beat-settings.js';
import {
  accountForTicks,
  boundMs,
  type ExpectedTick,
  type SeenTick,
  type TickAccount,
} from './tick-account.js';

const taskName = 'accounting.tick';
const queueName = 'accounting-ticks';
/** Ticks that were missed by no beat at all are made up for within this time. */
const window = '10m';
/** A new leader must be there within this time. */
const leaderWithinMs = 60_000;
/** The present leader sends for so long before it is touched. */
const calmMs = 2500;

/** What is added, and from when it counts. */
interface Added {
  readonly name: string;
  readonly spec: ScheduleSpec;
  readonly fromMs: number;
}

/** Kills and stops leaders of beats, and accounts for every tick. */
export async function runBeats(
  settings: BeatRunSettings,
  tell: (line: string) => void,
): Promise<{ readonly account: TickAccount; readonly deaths: readonly string[] }> {
  const broker = await brokerNamed(settings.broker)({ leaseMs: 60_000, fsync: 'everysec' });
  const seen: SeenTick[] = [];
  const app = await watchingApp(broker.url, seen);
  const fleet = new BeatFleet({ broker: broker.url, leaseMs: settings.leaseMs });
  try {
    await app.start();
    const added = await addSchedules(app, settings.schedules);
    for (let beat = 0; beat < settings.beats; beat += 1) await fleet.spawn();
    await disturb(app, fleet, settings, tell);
    const endMs = Date.now();
    const expected = added.flatMap((one) => ticksOf(one, one.fromMs, endMs));
    const ids = new Set(expected.map(({ taskId }) => taskId));
    tell(`waiting for the last of ${expected.length} ticks`);
    await waitFor(() => seen.filter(({ taskId }) => ids.has(taskId)).length >= ids.size, {
      withinMs: 2 * boundMs,
      what: 'all ticks',
    }).catch(() => undefined);
    // A tick that was sent twice may come a little later: nobody sends any more, and what is there is run.
    await fleet.close();
    const last = await app.client.send(taskName, { queue: queueName });
    await waitFor(() => seen.some(({ taskId }) => taskId === last.id), {
      withinMs: 2 * boundMs,
      what: 'what was sent behind the ticks',
    });
    const later = added.flatMap((one) => ticksOf(one, endMs, Date.now()));
    const account = accountForTicks(
      expected,
      seen.filter(({ taskId }) => taskId !== last.id),
      new Set(later.map(({ taskId }) => taskId)),
    );
    return { account, deaths: fleet.deaths };
  } finally {
    await fleet.close();
    await app.close();
    await broker.close();
  }
}

/** Runs the tasks, in this process, which nobody kills. */
async function watchingApp(broker: string, seen: SeenTick[]): Promise<TaskApp> {
  const app = await TaskApp.create(
    { broker, results: false, queues: [queueName], worker: { concurrency: 1000 }, storeTimeout: '60s' },
    { host: 'watcher' },
  );
  app.registry.add({
    name: taskName,
    source: 'accounting',
    options: {},
    // Each run counts, also one of a message that says that somebody may have had it before.
    run: (_args, task) => {
      seen.push({ taskId: task.id, atMs: Date.now(), again: task.redelivered });
    },
  });
  return app;
}

/** Intervals of 1 to 10 seconds, some from midnight, and a crontab of each minute. */
async function addSchedules(app: TaskApp, count: number): Promise<readonly Added[]> {
  const added: Added[] = [];
  for (let index = 0; index < count; index += 1) {
    const seconds = [1, 2, 3, 4, 5, 6, 8, 10][index % 8] as number;
    const spec = index % 20 === 19 ? crontab({ minute: '*' }) : every(seconds, { aligned: index % 2 === 1 });
    const name = `schedule ${index}`;
    const info = await app.schedules.add(name, {
      task: taskName,
      schedule: spec,
      args: [name],
      queue: queueName,
      missed: { all: window },
    });
    const first = info.nextRunAt?.getTime() ?? 0;
    added.push({ name, spec, fromMs: spec.kind === 'every' ? first - seconds * 1000 : first - 1 });
  }
  return added;
}

function ticksOf({ name, spec, fromMs }: Added, afterMs: number, untilMs: number): readonly ExpectedTick[] {
  const schedule = openSchedule(spec, { timezone: 'UTC', types: {} });
  const ticks: ExpectedTick[] = [];
  let dueMs = schedule.next(afterMs, fromMs);
  while (dueMs !== undefined && dueMs <= untilMs) {
    ticks.push({ schedule: name, dueMs, taskId: tickId('beat', name, dueMs) });
    dueMs = schedule.next(dueMs, fromMs);
  }
  return ticks;
}

async function disturb(
  app: TaskApp,
  fleet: BeatFleet,
  { kills, pauses, leaseMs }: BeatRunSettings,
  tell: (line: string) => void,
): Promise<void> {
  let [killed, paused] = [0, 0];
  let touched: string | undefined;
  while (killed < kills || paused < pauses) {
    const leader = await leaderOf(app, fleet, touched);
    await sleep(calmMs);
    // In proportion, a pause first.
    const pauseNext = paused < pauses && (killed >= kills || paused * kills <= killed * pauses);
    touched = leader;
    if (pauseNext) {
      paused += 1;
      tell(`pause ${paused} of ${pauses}: ${leader}`);
      await fleet.pause(leader, 2 * leaseMs);
    } else {
      killed += 1;
      tell(`kill ${killed} of ${kills}: ${leader}`);
      await fleet.kill(leader);
      await fleet.spawn();
    }
  }
  await leaderOf(app, fleet, touched);
  await sleep(calmMs);
}

/** Who leads, once that is another one than `touched`. */
async function leaderOf(app: TaskApp, fleet: BeatFleet, touched: string | undefined): Promise<string> {
  let leader = '';
  await waitFor(
    async () => {
      const [found] = await app.schedules.leaders();
      leader = found?.hostname ?? '';
      return leader !== touched && fleet.has(leader);
    },
    { withinMs: leaderWithinMs, what: 'a new leader' },
  );
  return leader;
}
