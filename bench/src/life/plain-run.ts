// A process of its own: runs a task that does nothing, and prints the microseconds of CPU for each.
// Arguments: module of the core, number of tasks, feature to use or `none`.
type Core = typeof import('@lovage/core');

const [module = '', count = '0', feature = 'none'] = process.argv.slice(2);
const inFlight = 100;

/** Options of a task that uses one thing of the life of a task. */
const featured: Readonly<Record<string, object>> = {
  none: {},
  'a time limit': { timeLimit: '1h' },
  'both time limits': { timeLimit: '1h', softTimeLimit: '30m' },
  'automatic retries': { autoretryFor: true },
  'early acknowledgement': { acksLate: false },
};

const { TaskApp } = (await import(module)) as Core;
const app = await TaskApp.create({ worker: { concurrency: inFlight } });
const hooks = feature === 'hooks' ? { hooks: [{ onSuccess: () => undefined }] } : {};
app.registry.add({
  name: 'noop',
  run: () => null,
  options: featured[feature] ?? {},
  source: 'bench',
  ...hooks,
});
await app.start();

async function runAll(tasks: number): Promise<void> {
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < tasks) {
      sent += 1;
      await (await app.client.send('noop')).get();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

const tasks = Number(count);
await runAll(tasks / 2);
const before = process.cpuUsage();
await runAll(tasks);
const { user, system } = process.cpuUsage(before);
await app.close();
console.log((user + system) / tasks);
