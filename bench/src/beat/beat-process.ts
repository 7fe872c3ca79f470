import { TaskApp } from '@lovage/core';

// The beat of the benchmark, alone in its process. Tells the processor time that it has used, when it is asked by SIGUSR2.

const app = await TaskApp.create(
  { broker: process.argv[2], results: false, worker: false, beat: true },
  { host: 'beat' },
);
app.events.listen((event) => {
  if (event.type === 'beat-problem') console.error(event.error);
});
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(`cpu ${(user + system) / 1000}`);
});
await app.start();
console.log('ready');
