import { closeAppsAfterEach } from '../support/apps.js';
import { DemoTasks } from '../support/demo-tasks.js';
import { rejection } from '../support/errors.js';
import type { AdapterName, HttpApp } from '../support/http.js';
import { testingOf, startServer, ran, running, watched, untilWatched } from '../support/task-server.js';

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('waiting for a task on %s', (adapter) => {
  const start = async (): Promise<HttpApp> => await startServer(adapter);

  describe('GET :id?wait', () => {
    it('answers at once when the task is ready', async () => {
      const http = await start();
      const id = await ran(http, 'add', [1, 1]);
      expect(await (await fetch(`${http.url}/tasks/${id}?wait=10s`)).json()).toMatchObject({
        state: 'SUCCESS',
        result: 2,
      });
    });

    it('answers when the task becomes ready', async () => {
      const http = await start();
      const id = await running(http);
      const answer = fetch(`${http.url}/tasks/${id}?wait=10s`);
      await untilWatched(http, 1);
      await DemoTasks.tell(10);
      DemoTasks.finish();
      expect(await (await answer).json()).toMatchObject({ state: 'SUCCESS', result: 'done' });
    });

    it.each([
      ['10s', '10s', '0s'],
      ['10', '10s', '9s'],
      ['2h', '60s', '59s'],
    ] as const)('answers the present state after %s, at most 60 s', async (wait, after, before) => {
      const http = await start();
      const id = await running(http);
      await DemoTasks.tell(10);
      let answered = false;
      const answer = fetch(`${http.url}/tasks/${id}?wait=${wait}`).then((response) => {
        answered = true;
        return response.json();
      });
      await untilWatched(http, 1);
      await testingOf(http).advance(before);
      expect(answered).toBe(false);
      await testingOf(http).advance(after);
      expect(await answer).toMatchObject({ state: 'PROGRESS', ready: false, progress: { percent: 10 } });
      expect(watched(http)).toBe(0);
      DemoTasks.finish();
    });

    it.each(['soon', '-1', '1y', ''])('refuses wait=%s', async (wait) => {
      const http = await start();
      const response = await fetch(`${http.url}/tasks/x?wait=${wait}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        statusCode: 400,
        code: 'LOVAGE_OPTION_INVALID',
        message: expect.stringContaining('"wait"') as string,
      });
    });

    it('refuses several waits, and does not wait for an unknown id', async () => {
      const http = await start();
      expect((await fetch(`${http.url}/tasks/x?wait=1&wait=2`)).status).toBe(400);
      expect((await fetch(`${http.url}/tasks/unknown?wait=10s`)).status).toBe(404);
    });

    it('ends when the client goes away', async () => {
      const http = await start();
      const id = await running(http);
      const leave = new AbortController();
      const answer = fetch(`${http.url}/tasks/${id}?wait=60s`, { signal: leave.signal });
      await untilWatched(http, 1);
      leave.abort();
      await rejection(answer);
      await untilWatched(http, 0);
      expect(watched(http)).toBe(0);
      DemoTasks.finish();
    });
  });
});
