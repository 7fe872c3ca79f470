import { every, TaskApp } from '@lovage/core';
import { describeWith, RedisServer, waitFor } from '@lovage/services';

jest.setTimeout(120_000);

/** Generous: it passes only when the test fails anyway. */
const withinMs = 60_000;

describeWith('redis-server', 'beats on Redis', () => {
  const redis = new RedisServer();
  const open = new Set<TaskApp>();
  const ran: { readonly id: string; readonly word: unknown }[] = [];

  beforeAll(async () => await redis.start());
  afterEach(async () => {
    for (const app of open) await app.close();
    open.clear();
    ran.length = 0;
    await redis.flush();
  });
  afterAll(async () => await redis.close());

  async function start(options: object, host = 'test'): Promise<TaskApp> {
    const app = await TaskApp.create({ broker: redis.url, worker: false, ...options }, { host });
    app.registry.add({
      name: 'note',
      options: {},
      source: 'test',
      run: ([word], { id }) => void ran.push({ id, word }),
    });
    open.add(app);
    await app.start();
    return app;
  }

  async function stop(app: TaskApp): Promise<void> {
    open.delete(app);
    await app.close();
  }

  async function untilRan(word: string, times: number): Promise<void> {
    await waitFor(() => ran.filter((one) => one.word === word).length >= times, {
      withinMs,
      what: `${times} runs of "${word}"`,
    });
  }

  it('send each tick once; a change holds for all at once and outlives a restart of all', async () => {
    await start({ worker: true });
    const beats = [await start({ beat: true }, 'a'), await start({ beat: true }, 'b')];
    const client = await start({});
    await client.schedules.add('one', { task: 'note', schedule: every(0.2), args: ['first'] });
    await untilRan('first', 3);
    await client.schedules.change('one', { args: ['second'] });
    await untilRan('second', 2);
    // Whoever led, the other goes on with what was changed.
    await stop(beats.find(({ beat }) => beat?.leads) as TaskApp);
    const before = ran.length;
    await waitFor(() => ran.length >= before + 3, { withinMs, what: 'ticks of the other beat' });
    await stop(beats.find((app) => open.has(app)) as TaskApp);
    await client.schedules.change('one', { args: ['third'] });
    await start({ beat: true }, 'c');
    await untilRan('third', 3);
    expect(ran.slice(before).some(({ word }) => word === 'first')).toBe(false);
    expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
    const info = await client.schedules.get('one');
    expect(info.totalRunCount).toBeGreaterThanOrEqual(ran.length);
  });

  it('run what is on every host once on each', async () => {
    await start({ worker: true, queues: ['logs.a', 'logs.b'] });
    const entry = { task: 'note', schedule: every(0.5), args: ['rotated'], perHost: 'logs.%h' };
    const first = await start({ beat: true }, 'a');
    await start({ beat: true }, 'b');
    await first.schedules.add('rotate', entry);
    await untilRan('rotated', 4);
    expect((await first.schedules.leaders()).map(({ lease }) => lease)).toEqual(['beat@a', 'beat@b']);
    expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
  });
});
