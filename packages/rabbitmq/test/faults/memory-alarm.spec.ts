import { setTimeout as delay } from 'node:timers/promises';
import { isLovageError, type LovageError, TaskApp, type TaskResult } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

/** The server blocks a connection as soon as it publishes; some messages may still be taken before that. */
async function untilBlocked(scene: FaultScene): Promise<void> {
  await scene.until('a publication to be blocked', async () => {
    const outcome = await scene
      .publish(numbered('q', 1, 1000), scene.deadline(300))
      .catch((error: unknown) => error);
    return isLovageError(outcome, 'LOVAGE_STORE_BLOCKED');
  });
}

describeWith('rabbitmq-server', 'a server without memory', () => {
  const server = new RabbitServer();
  let scene: FaultScene;
  beforeAll(async () => await server.start());
  beforeEach(async () => {
    scene = await FaultScene.open((await server.createVhost()).url);
  });
  afterEach(async () => {
    await server.memoryAlarm(false);
    await scene.close();
  });
  afterAll(async () => await server.close());

  it('is told; publishing fails by its deadline, consuming goes on, and all goes on by itself afterwards', async () => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 100));
    await server.memoryAlarm(true);
    await untilBlocked(scene);
    await expect(scene.publish(numbered('q', 1, 101), scene.deadline(200))).rejects.toMatchObject({
      code: 'LOVAGE_STORE_BLOCKED',
    });
    expect(scene.warnings).toContainEqual(expect.objectContaining({ code: 'LOVAGE_STORE_BLOCKED' }));
    await scene.drain(['q'], 7);
    await scene.until('what waited to come', () => scene.ids.size >= 100);
    const waiting = scene.publish(numbered('q', 10, 200));
    await server.memoryAlarm(false);
    expect((await waiting).every(({ kind }) => kind === 'accepted')).toBe(true);
    await scene.until('what was sent meanwhile to come', () =>
      ['200', '209'].every((id) => scene.ids.has(id)),
    );
    expect(scene.problems).toEqual([]);
  });

  it('keeps nobody who closes waiting: what was not taken by then is told at once', async () => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await server.memoryAlarm(true);
    await untilBlocked(scene);
    const waiting = scene
      .publish(numbered('q', 1, 300), scene.deadline(3_600_000))
      .catch((error: unknown) => error);
    await scene.broker.close({ deadline: scene.deadline() });
    expect(isLovageError(await waiting, 'LOVAGE_STORE_BLOCKED')).toBe(true);
  });

  it('lets a process start, declare and consume', async () => {
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.publish(numbered('q', 3));
    await server.memoryAlarm(true);
    await untilBlocked(scene);
    await scene.declare({ queues: [{ name: 'another' }] });
    await scene.take(['q', 'another']);
    await scene.until('what waited to come', () => scene.ids.size >= 3);
    const inHand = scene.deliveries.slice();
    // Notes can not be written, so these deliveries count; but the messages are back.
    const outcomes = await scene.settle({ kind: 'release' }, ...inHand);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['settled']));
    await scene.until('they to come again', () => scene.deliveries.length >= 2 * inHand.length);
  });

  it('loses nothing that was confirmed, and no result, however often it happens under load', async () => {
    const { url } = await server.createVhost();
    const ran = new Set<unknown>();
    const app = await TaskApp.create({ broker: url, publishTimeout: '1s', worker: { concurrency: 10 } });
    app.registry.add({
      name: 'work',
      run: async ([number]) => {
        await delay(10);
        ran.add(number);
        return number;
      },
      options: {},
      source: 'test',
    });
    const told: string[] = [];
    app.events.listen((event) => {
      if (event.type === 'store-warning') told.push((event.error as LovageError).code);
    });
    await app.start();
    const confirmed: TaskResult[] = [];
    const refused = new Set<unknown>();
    const over = new AbortController();
    const sending = (async () => {
      for (let number = 0; !over.signal.aborted; number += 1) {
        await app.client.send('work', { args: [number] }).then(
          (result) => confirmed.push(result),
          (error: unknown) => refused.add((error as LovageError).code),
        );
      }
    })();
    try {
      for (let round = 0; round < 3; round += 1) {
        const before = confirmed.length;
        await scene.until('more to be sent', () => confirmed.length >= before + 20);
        await server.memoryAlarm(true);
        await scene.until('a send to be refused', () => refused.size > 0);
        refused.clear();
        await server.memoryAlarm(false);
      }
      over.abort();
      await sending;
      for (const result of confirmed) await result.get({ timeout: '30s' });
      expect(ran.size).toBeGreaterThanOrEqual(confirmed.length);
      // The same is told once a minute at most.
      expect(told).toContain('LOVAGE_STORE_BLOCKED');
    } finally {
      over.abort();
      await server.memoryAlarm(false);
      await sending;
      await app.close();
    }
  });
});
