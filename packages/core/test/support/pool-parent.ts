// A parent that tests kill: starts a pool of processes, keeps one child busy, and says which processes there are.
import { makeApp } from './pool-app.js';

const app = await makeApp(
  {
    options: {
      worker: {
        pool: 'processes',
        concurrency: 2,
        entry: { module: new URL('./pool-app.js', import.meta.url), export: 'makeApp' },
      },
    },
  },
  {
    childPrograms: {
      thread: new URL('./thread-main.js', import.meta.url),
      process: new URL('./process-main.js', import.meta.url),
    },
  },
);
await app.start();
// One of the two is busy, longer than any test waits.
await app.client.send('busy', { args: [600_000] });
const idle = await app.client.send('add', { args: [1, 2] });
await idle.get({ timeout: '60s' });
console.log(`children ${app.worker?.poolChildren.join(', ')}`);
