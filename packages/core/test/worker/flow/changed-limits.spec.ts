import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

describe('a rate limit that is changed while the worker runs', () => {
  async function scene() {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const run = (): void => void ran.push(clock.monoNow());
    const { app } = await testApp(
      { free: { run }, limited: { run, options: { rateLimit: '1/m' } } },
      {},
      { clock },
    );
    const send = async (name: string, count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) await app.client.send(name);
      await clock.settle();
    };
    return { clock, ran, send, worker: app.worker };
  }

  it('holds for a task that had none', async () => {
    const { clock, ran, send, worker } = await scene();
    worker?.setRateLimit('free', '2/s');
    await send('free', 3);
    expect(ran).toHaveLength(1);
    await clock.advance(2000);
    expect(ran).toHaveLength(3);
  });

  it('ends with 0, also for a task that has one', async () => {
    const { ran, send, worker } = await scene();
    worker?.setRateLimit('limited', 0);
    await send('limited', 5);
    expect(ran).toHaveLength(5);
  });

  it('is faster from then on', async () => {
    const { clock, ran, send, worker } = await scene();
    await send('limited', 1);
    worker?.setRateLimit('limited', '10/s');
    await send('limited', 5);
    await clock.advance(70_000);
    expect(ran).toHaveLength(6);
  });

  it('is refused when it is none, or the task is not known', async () => {
    const { worker } = await scene();
    expect(() => worker?.setRateLimit('free', 'often')).toThrow(
      expect.objectContaining({ code: 'LOVAGE_OPTION_INVALID' }),
    );
    expect(() => worker?.setRateLimit('nobody', 1)).toThrow(
      expect.objectContaining({ code: 'LOVAGE_TASK_UNKNOWN' }),
    );
  });
});
