import { closeAppsAfterEach } from '../support/apps.js';
import type { AdapterName, HttpApp } from '../support/http.js';
import { testingOf, startServer, running } from '../support/task-server.js';

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('revoking a task on %s', (adapter) => {
  const start = async (): Promise<HttpApp> => await startServer(adapter);

  describe('DELETE :id', () => {
    it('revokes a task that waits', async () => {
      const http = await start();
      const { client } = testingOf(http);
      const { id } = await client.send('add', { args: [1, 2], countdown: '1m' });
      const response = await fetch(`${http.url}/tasks/${id}`, { method: 'DELETE' });
      expect(response.status).toBe(202);
      expect(await response.json()).toEqual({ id });
      await testingOf(http).advance('1m');
      await testingOf(http).drain();
      expect(await (await fetch(`${http.url}/tasks/${id}`)).json()).toMatchObject({
        state: 'REVOKED',
        ready: true,
      });
    });

    it('stops one that runs, with terminate', async () => {
      const http = await start();
      const id = await running(http);
      expect((await fetch(`${http.url}/tasks/${id}`, { method: 'DELETE' })).status).toBe(202);
      await testingOf(http).clock.settle();
      expect(await testingOf(http).client.result(id).state()).toBe('PENDING');
      expect((await fetch(`${http.url}/tasks/${id}?terminate=true`, { method: 'DELETE' })).status).toBe(202);
      await testingOf(http).drain();
      expect(await testingOf(http).client.result(id).state()).toBe('REVOKED');
    });

    it('refuses an id that was never sent, so that nobody fills the store with revocations, and nonsense', async () => {
      const http = await start();
      expect((await fetch(`${http.url}/tasks/later`, { method: 'DELETE' })).status).toBe(404);
      await testingOf(http).client.send('add', { args: [1, 2], taskId: 'later' });
      await testingOf(http).drain();
      expect(await testingOf(http).client.result('later').state()).toBe('SUCCESS');
      const refused = await fetch(`${http.url}/tasks/x?terminate=maybe`, { method: 'DELETE' });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        400,
        'LOVAGE_OPTION_INVALID',
      ]);
    });
  });
});
