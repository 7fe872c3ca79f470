import { TaskAppDirectory } from '../../src/module/task-app-directory.js';
import { closeAppsAfterEach } from '../support/apps.js';
import { DemoTasks } from '../support/demo-tasks.js';
import { rejection } from '../support/errors.js';
import { type AdapterName, dataOf, eventsOf, type HttpApp } from '../support/http.js';
import { testingOf, startServer, ran, running, watched, untilWatched } from '../support/task-server.js';

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('the event stream of a task on %s', (adapter) => {
  const start = async (): Promise<HttpApp> => await startServer(adapter);

  describe('GET :id/events', () => {
    it('tells the present state and each change, and ends', async () => {
      const http = await start();
      const id = await running(http);
      const response = await fetch(`${http.url}/tasks/${id}/events`, { headers: { 'last-event-id': '99' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const events = eventsOf(response);
      expect(dataOf((await events.next()).value as string)).toEqual({ id, state: 'PENDING', ready: false });
      await DemoTasks.tell(50);
      expect(dataOf((await events.next()).value as string)).toMatchObject({
        state: 'PROGRESS',
        progress: { percent: 50 },
      });
      DemoTasks.finish();
      expect(dataOf((await events.next()).value as string)).toMatchObject({
        state: 'SUCCESS',
        ready: true,
        result: 'done',
      });
      expect((await events.next()).done).toBe(true);
      expect(watched(http)).toBe(0);
    });

    it('tells the end of a task that is ready already', async () => {
      const http = await start();
      const id = await ran(http, 'add', [1, 2]);
      const told: unknown[] = [];
      for await (const event of eventsOf(await fetch(`${http.url}/tasks/${id}/events`)))
        told.push(dataOf(event));
      expect(told).toEqual([expect.objectContaining({ state: 'SUCCESS', result: 3 })]);
    });

    it('serves any number at once without a warning of leaks', async () => {
      const http = await start();
      const [host] = http.app.get(TaskAppDirectory).all();
      const signal = host?.closing.signal as unknown as Record<symbol, unknown>;
      // Node warns on the console at the eleventh listener, unless this says 0; `getMaxListeners` does not take signals of Jest's realm.
      const limit = Object.getOwnPropertySymbols(signal).find(
        ({ description }) => description === 'events.maxEventTargetListeners',
      );
      expect(signal[limit as symbol]).toBe(0);
    });

    it('gives signs of life in between', async () => {
      const http = await start();
      const id = await running(http);
      const events = eventsOf(await fetch(`${http.url}/tasks/${id}/events`));
      await events.next();
      await testingOf(http).advance('15s');
      expect((await events.next()).value).toMatch(/^: /);
      DemoTasks.finish();
    });

    it('answers 404 for an unknown id', async () => {
      const http = await start();
      const response = await fetch(`${http.url}/tasks/unknown/events`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ statusCode: 404, code: 'LOVAGE_TASK_ID_UNKNOWN' });
    });

    it('leaves nothing behind when the client goes away', async () => {
      const http = await start();
      const id = await running(http);
      const timers = testingOf(http).clock.pending;
      const leave = new AbortController();
      const response = await fetch(`${http.url}/tasks/${id}/events`, { signal: leave.signal });
      const events = eventsOf(response);
      await events.next();
      expect(watched(http)).toBe(1);
      leave.abort();
      await rejection(events.next());
      await untilWatched(http, 0);
      expect(testingOf(http).clock.pending).toBe(timers);
      DemoTasks.finish();
    });
  });
});
