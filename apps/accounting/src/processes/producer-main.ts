import { setTimeout as sleep } from 'node:timers/promises';
import { isLovageError, TaskApp } from '@lovage/core';
import { EvidenceFile } from '../evidence/evidence-file.js';
import { queueName, taskIdOf, taskName, workMsOf } from '../run/task-plan.js';
import { ownSettings, type ProducerProcessSettings } from './process-settings.js';

// A producer process of a run: sends its tasks evenly, and writes down what it sends and what became of that.

const settings = ownSettings() as ProducerProcessSettings;
const { seed, from, to, rate } = settings;
const evidence = new EvidenceFile(settings.folder, settings.name);
/** Sends that wait for their answer; more would only wait in this process. */
const mostPending = 1000;
const pauseMs = 5;

const app = await TaskApp.create({
  broker: settings.broker,
  ...(settings.keepsResults ? settings.results && { results: settings.results } : { results: false }),
  defaultQueue: queueName,
  // A broker that is being restarted on a busy machine may be away for longer than usual.
  storeTimeout: '60s',
  publishTimeout: '60s',
  worker: false,
});

const pending = new Set<Promise<void>>();

async function send(number: number): Promise<void> {
  const id = taskIdOf(seed, number);
  evidence.write('SENT', id);
  try {
    await app.client.send(taskName, { taskId: id, args: [workMsOf(seed, number)] });
    evidence.write('CONFIRMED', id);
  } catch (error) {
    evidence.write('FAILED', id, isLovageError(error) ? error.code : String(error));
  }
}

await app.start();
const began = performance.now();
let next = from;
while (next < to) {
  const due = Math.min(to, from + Math.floor(((performance.now() - began) / 1000) * rate) + 1);
  while (next < due && pending.size < mostPending) {
    const sending = send(next).finally(() => pending.delete(sending));
    pending.add(sending);
    next += 1;
  }
  await sleep(pauseMs);
}
await Promise.all(pending);
await app.close();
console.log('sent');
