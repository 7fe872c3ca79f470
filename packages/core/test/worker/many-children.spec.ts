import { runningTask } from '../../src/task/current-task.js';
import { closeTestApps, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

it('keeps the result of a task that has sent more tasks than a result has room for', async () => {
  let running: ReturnType<typeof runningTask>;
  const { app } = await testApp({
    child: () => undefined,
    parent: async () => {
      running = runningTask();
      await Promise.all(
        Array.from({ length: 25_000 }, async () => await app.client.send('child', { ignoreResult: true })),
      );
      return 'all sent';
    },
  });
  const result = await app.client.send('parent');
  await expect(result.get()).resolves.toBe('all sent');
  await expect(result.children).resolves.toHaveLength(1000);
  // What the run leaves behind goes on sending in its name, and must not grow for ever.
  expect(running?.children).toHaveLength(1000);
});
