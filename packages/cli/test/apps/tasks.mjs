// An app as a module exports it; a worker of it says on its standard output what its tasks do.
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { TaskApp } from '@lovage/core';

const say = (line) => process.stdout.write(`${line}\n`);

async function make() {
  const made = await TaskApp.create({
    broker: 'redis://nowhere.invalid',
    queues: ['celery', 'other'],
    storeTimeout: process.env['STORE_TIMEOUT'] ?? '10s',
  });
  const add = (name, run) => made.registry.add({ name, run, options: {}, source: 'tasks.mjs' });
  add('where', () => ({ pid: process.pid, thread: threadId }));
  add('work', async ([ms], task) => {
    say(`begun ${task.id}`);
    await sleep(ms);
    say(`ended ${task.id}`);
    return ms;
  });
  return made;
}

export const app = await make();
export { make };
