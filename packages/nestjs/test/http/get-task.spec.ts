import { closeAppsAfterEach } from '../support/apps.js';
import { DemoTasks } from '../support/demo-tasks.js';
import type { AdapterName, HttpApp } from '../support/http.js';
import { startServer, ran, running } from '../support/task-server.js';

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('reading a task on %s', (adapter) => {
  const start = async (): Promise<HttpApp> => await startServer(adapter);

  describe('GET :id', () => {
    it('answers result, error and progress', async () => {
      const http = await start();
      const added = await ran(http, 'add', [2, 3]);
      const response = await fetch(`${http.url}/tasks/${added}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({
        id: added,
        state: 'SUCCESS',
        ready: true,
        result: 5,
        dateDone: '2026-01-01T00:00:00.000Z',
      });

      const nothing = await ran(http, 'nothing');
      expect(await (await fetch(`${http.url}/tasks/${nothing}`)).json()).toMatchObject({
        state: 'SUCCESS',
        result: null,
      });

      const failed = await ran(http, 'fail');
      const body = await (await fetch(`${http.url}/tasks/${failed}`)).json();
      expect(body).toMatchObject({
        id: failed,
        state: 'FAILURE',
        ready: true,
        error: { type: 'RangeError', message: 'too far' },
      });
      expect(JSON.stringify(body)).not.toContain('    at ');

      const long = await running(http);
      expect(await (await fetch(`${http.url}/tasks/${long}`)).json()).toMatchObject({
        state: 'PENDING',
        ready: false,
      });
      await DemoTasks.tell(40);
      expect(await (await fetch(`${http.url}/tasks/${long}`)).json()).toEqual({
        id: long,
        state: 'PROGRESS',
        ready: false,
        progress: { percent: 40 },
      });
      DemoTasks.finish();
    });

    it('answers values that JSON has not as text', async () => {
      const http = await start();
      const response = await fetch(`${http.url}/tasks/${await ran(http, 'big')}`);
      expect(await response.json()).toMatchObject({
        result: { number: '1152921504606846976', bytes: 'YQ==' },
      });
    });

    it.each(['unknown', 'x'.repeat(100), '%2e%2e%2f', '__proto__', encodeURIComponent('<script>')])(
      'answers 404 for an id that is not known, case %#',
      async (id) => {
        const http = await start();
        const response = await fetch(`${http.url}/tasks/${id}`);
        expect(response.status).toBe(404);
        expect(response.headers.get('content-type')).toContain('application/json');
        expect(await response.json()).toEqual({
          statusCode: 404,
          code: 'LOVAGE_TASK_ID_UNKNOWN',
          message: expect.any(String) as string,
        });
      },
    );
  });
});
