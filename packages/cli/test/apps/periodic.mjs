// An app with a periodic task; a worker of it says on its standard output when it runs.
import { TaskApp } from '@lovage/core';

export const app = await TaskApp.create({
  broker: 'redis://nowhere.invalid',
  beatSchedule: { often: { task: 'tick', schedule: 0.5 } },
});
app.registry.add({
  name: 'tick',
  options: {},
  source: 'periodic.mjs',
  run: (_args, task) => void process.stdout.write(`tick ${task.id}\n`),
});
