import { readFileSync } from 'node:fs';
import { broadcast, type LovageEvent, TaskApp } from '@lovage/core';
import { describeWith, RabbitServer, waitFor } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

const page = readFileSync(new URL('../../../../docs/rabbitmq.md', import.meta.url), 'utf8');
/** What docs/rabbitmq.md tells to type, for the queues `celery` and `mail` and the exchange `files`. */
const names = /^NAMES='([^']+)'$/m.exec(page)?.[1] ?? '';
const withinMs = 60_000;

jest.setTimeout(180_000);

describeWith('rabbitmq-server', 'a user with the permissions in docs/rabbitmq.md', () => {
  const server = new RabbitServer();
  let url: string;

  beforeAll(async () => {
    await server.start();
    const { name } = await server.createVhost();
    await server.createUser('lovage', 'secret', name, names);
    url = server.urlOf(name, 'lovage:secret');
  });
  afterAll(async () => await server.close());

  /** What the server has refused. */
  const refusals = (): readonly string[] => server.log.split('\n').filter((line) => /refused/.test(line));

  it('runs an application with everything that one can have', async () => {
    const ran: string[] = [];
    const app = await TaskApp.create({
      broker: url,
      queues: ['celery', { name: 'mail', type: 'quorum', deliveryLimit: 20 }, broadcast('files')],
      worker: { concurrency: 2 },
      beat: true,
      beatSchedule: { tick: { task: 'work', schedule: 1, args: ['tick'] } },
    });
    const events: LovageEvent[] = [];
    app.events.listen((event) => events.push(event));
    app.registry.add({
      name: 'work',
      run: ([word]) => {
        ran.push(String(word));
        return word;
      },
      options: {},
      source: 'test',
    });
    await app.start();
    try {
      const { client } = app;
      const results = [
        await client.send('work', { args: ['now'] }),
        await client.send('work', { args: ['mailed'], queue: 'mail' }),
        await client.send('work', { args: ['soon'], countdown: '100ms' }),
        await client.send('work', { args: ['everywhere'], queue: 'files' }),
      ];
      for (const result of results) await result.get();
      const unknown = await client.send('nobody.knows', { queue: 'mail' });
      await expect(unknown.get()).rejects.toMatchObject({ code: 'LOVAGE_TASK_FAILED' });
      const revoked = await client.send('work', { args: ['revoked'], countdown: '1h' });
      await revoked.revoke();
      expect(Object.values(await app.control.ping())).toStrictEqual([{ ok: 'pong' }]);
      await waitFor(() => ran.includes('tick'), { withinMs, what: 'a tick' });
    } finally {
      await app.close();
    }
    expect(ran).toEqual(expect.arrayContaining(['now', 'mailed', 'soon', 'everywhere']));
    expect(events.filter(({ type }) => type === 'store-warning')).toStrictEqual([]);
    expect(refusals()).toStrictEqual([]);
  });

  it('counts what a dead process had, parks, and looks into queues', async () => {
    const dying = await FaultScene.open(url);
    await dying.declare({ queues: [{ name: 'celery' }] });
    await dying.publish(numbered('celery', 1));
    await dying.take(['celery']);
    await dying.until('it to come', () => dying.deliveries.length === 1);
    dying.driver.destroy();
    const scene = await FaultScene.open(url);
    try {
      await scene.declare({ queues: [{ name: 'celery' }] });
      await scene.take(['celery']);
      await scene.until('it to come again', () => scene.deliveries.length === 1);
      expect(scene.deliveries[0]?.deliveries).toBe(2);
      await scene.settle({ kind: 'park', reason: { code: 'X', text: 'x' } }, ...scene.deliveries);
      const { inspector } = scene.driver;
      const deadline = scene.deadline();
      await inspector?.open({ deadline });
      const parked = await inspector?.messages({ queue: 'celery', place: 'parked', limit: 10, deadline });
      expect(parked?.messages).toHaveLength(1);
      await inspector?.close({ deadline });
      expect(scene.warnings).toStrictEqual([]);
    } finally {
      await scene.close();
    }
    expect(refusals()).toStrictEqual([]);
  });
});
