import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { isLovageError, TaskApp } from '@lovage/core';
import { addChordTasks, type Witness } from '../chords/chord-tasks.js';
import { EvidenceFile } from '../evidence/evidence-file.js';
import { startNote } from '../evidence/evidence-line.js';
import { queueName, taskName } from '../run/task-plan.js';
import { ownSettings, type WorkerProcessSettings } from './process-settings.js';
import type { StallWatchData } from './stall-watch.js';
import { runUntilStopped } from './run-until-stopped.js';

// A worker process of a run: writes down when a task begins and ends. SIGTERM ends it in order.

const settings = ownSettings() as WorkerProcessSettings;
const { name, folder } = settings;
const evidence = new EvidenceFile(folder, name);

const app = await TaskApp.create(
  {
    broker: settings.broker,
    ...(settings.keepsResults ? settings.results && { results: settings.results } : { results: false }),
    defaultQueue: queueName,
    // A broker that is being restarted on a busy machine may be away for longer than usual.
    storeTimeout: '60s',
    publishTimeout: '60s',
    worker: {
      concurrency: settings.concurrency,
      maxDeliveries: settings.maxDeliveries,
      drainTimeout: `${settings.drainMs}ms`,
      hostname: name,
    },
  },
  { host: name, pid: process.pid },
);

let runs = 0;
const witness: Witness = async (id, task, work) => {
  runs += 1;
  const token = `${name}:${runs}`;
  const note = startNote({ attempt: task.retries, delivery: task.deliveries, token });
  evidence.write('START', id, note);
  await work();
  evidence.write('END', id, note);
  return token;
};

app.registry.add({
  name: taskName,
  source: 'accounting',
  options: {},
  run: async ([workMs], task) => await witness(task.id, task, async () => await sleep(Number(workMs))),
});
addChordTasks(app, settings.seed, witness);

app.events.listen((event) => {
  if (event.type !== 'worker-problem') return;
  const code = isLovageError(event.error) ? event.error.code : String(event.error);
  evidence.write('PROBLEM', event.taskId ?? '-', code);
});

new Thread(new URL('stall-watch.js', import.meta.url), {
  workerData: { name, folder, stallMs: settings.stallMs } satisfies StallWatchData,
}).unref();

await runUntilStopped(app);
