import { TaskApp } from '../../src/app/task-app.js';
import { randomId } from '../../src/clock/random-id.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import { WrittenTask } from '../../src/message/written-task.js';
import type { Publication } from '../../src/ports/publication.js';

describe('messages that stay in the process', () => {
  const clock = new VirtualClock();
  const driver = createMemoryDriver(new URL('memory://'), { clock, newId: randomId });
  const published: Publication[] = [];
  let app: TaskApp;

  beforeAll(async () => {
    const { broker } = driver;
    if (broker === undefined) throw new Error('the memory driver has all ports');
    const publish = broker.publish.bind(broker);
    broker.publish = async (params) => {
      published.push(...params.publications);
      return await publish(params);
    };
    app = await TaskApp.create({}, { clock, driver });
    app.registry.add({ name: 'double', run: ([x]) => Number(x) * 2, options: {}, source: 'test' });
    await app.start();
  });

  afterAll(async () => await app.close());

  it.each(['before', 'after'])('are never written, %s a task was revoked', async (when) => {
    if (when === 'after') await app.client.revoke('another');
    const result = await app.client.send<number>('double', { args: [21] });
    expect(await result.get()).toBe(42);
    const message = published.at(-1)?.message;
    expect(message).toBeInstanceOf(WrittenTask);
    expect(Reflect.get(message as WrittenTask, 'wire')).toBeUndefined();
  });
});
