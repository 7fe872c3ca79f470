// An app with a task that ends the process in which it runs, and others that must not suffer from it.
import { TaskApp } from '@lovage/core';

export const app = await TaskApp.create({ broker: 'redis://nowhere.invalid' });
const add = (name, run) => app.registry.add({ name, run, options: {}, source: 'poison.mjs' });
add('fine', ([value]) => value);
add('poison', ([how], task) => {
  process.stdout.write(`struck ${task.deliveries}\n`);
  if (how === 'abort') process.abort();
  process.exit(3);
});
