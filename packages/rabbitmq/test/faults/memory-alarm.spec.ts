import { isLovageError } from '@lovage/core';
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
});
