import { closeTestApps, gate, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

describe('the pool of a worker', () => {
  it('grows and shrinks as it is told, and its prefetch with it', async () => {
    const opened = gate();
    let running = 0;
    const handler = async (): Promise<void> => {
      running += 1;
      await opened.opened;
    };
    const { app, clock } = await testApp({ t: handler }, { worker: { concurrency: 1, prefetch: 2 } });
    const sent = await Promise.all(Array.from({ length: 6 }, async () => await app.client.send('t')));
    await clock.settle();
    expect(running).toBe(1);
    expect(app.worker?.resizePool(2)).toBe(3);
    await clock.settle();
    expect(running).toBe(3);
    expect(app.worker?.waitingCount).toBe(3);
    expect(app.worker?.resizePool(-10)).toBe(1);
    opened.open();
    await Promise.all(sent.map(async (result) => await result.get()));
    expect(running).toBe(6);
  });

  it('stays one task wide when it is solo', async () => {
    const { app } = await testApp({}, { worker: { pool: 'solo' } });
    expect(app.worker?.resizePool(3)).toBe(1);
  });

  it('obeys the commands of Celery', async () => {
    const { app } = await testApp({}, { worker: { concurrency: 2 }, remoteControl: true });
    const hostname = app.worker?.hostname ?? '';
    const destination = [hostname];
    const ask = async (method: string, args: object): Promise<unknown> =>
      (await app.control.ask(method, { ...args }, { destination }))[hostname];
    expect(await ask('pool_grow', { n: 3 })).toEqual({ ok: 'pool will grow' });
    expect(app.worker?.resizePool(0)).toBe(5);
    expect(await ask('pool_shrink', {})).toEqual({ ok: 'pool will shrink' });
    expect(app.worker?.resizePool(0)).toBe(4);
    expect(await ask('pool_grow', { n: 'many' })).toEqual({ error: expect.stringContaining('integer') });
  });
});
