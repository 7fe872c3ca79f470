import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import type { WallMs } from '../../../src/clock/clock.js';
import type { WireMessage } from '../../../src/message/wire-message.js';
import { again } from '../../../src/worker/continuation.js';
import { Run } from '../../../src/worker/run.js';
import { decodeTask } from '../../../src/message/decode-task.js';
import type { TaskContext } from '../../../src/task/task-context.js';
import { decoding, wireMessage } from '../../message/support/sample-message.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

const encoded = wireMessage({ headers: { mine: 1 } });

function runOf(message: WireMessage, deliveries: number): Run {
  const queue = 'celery';
  const run = new Run({
    message,
    queue,
    exchange: '',
    routingKey: queue,
    deliveries,
    redelivered: deliveries > 1,
  });
  run.message = decodeTask(message, decoding);
  return run;
}

describe('a message that goes back to its queue as a new one', () => {
  it('keeps how often it was delivered before, without the time that it had to wait', () => {
    const first = runOf(encoded, 3);
    const second = runOf(again(first, 0 as WallMs).message, 1);
    expect(second.deliveries).toBe(3);
    const third = runOf(again(second, 0 as WallMs).message, 2);
    expect(third.deliveries).toBe(4);
  });

  it('stays as it is when it was delivered once', () => {
    expect(again(runOf(encoded, 1), undefined).message).toBe(encoded);
  });

  it.each([-1, 0.5, 'many', null, {}, Number.MAX_VALUE])('is not misled by %p in its header', (count) => {
    const run = runOf({ ...encoded, headers: { ...encoded.headers, lovage_deliveries: count } }, 2);
    expect(run.deliveries).toBe(2);
  });

  it('is parked when it kills its workers, though it has to wait for its limit between', async () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const { app } = await testApp(
      {
        poison: {
          options: { rateLimit: '1/m' },
          run: (_: readonly unknown[], context: TaskContext) =>
            void seen.push(context.headers, context.deliveries),
        },
      },
      { worker: { maxDeliveries: 3 } },
      { clock },
    );
    const { broker } = app.stores;
    const deadline = app.stores.deadline();
    const headers = { ...encoded.headers, task: 'poison', id: 'poison-1', lovage_deliveries: 3 };
    const survivor = { ...headers, id: 'survivor', lovage_deliveries: 2 };
    const publications = [survivor, headers].map((own) => ({
      message: { ...encoded, headers: own },
      exchange: '',
      routingKey: 'celery',
    }));
    await broker.publish({ publications, deadline });
    await clock.settle();
    await expect(app.client.result('poison-1').get()).rejects.toMatchObject({
      remoteCode: 'LOVAGE_TASK_POISONOUS',
    });
    await expect(app.client.result('survivor').get()).resolves.toBeNull();
    expect(seen).toEqual([{ mine: 1 }, 3]);
  });
});
