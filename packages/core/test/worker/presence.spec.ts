import { Deadline, SystemClock, TaskApp, type Timer } from '../../src/index.js';

/** The machine's clock, which notes who keeps the process alive. */
class WatchedClock extends SystemClock {
  holders = 0;

  override keepAlive(): Timer {
    this.holders += 1;
    const timer = super.keepAlive();
    let held = true;
    return {
      cancel: () => {
        if (held) this.holders -= 1;
        held = false;
        timer.cancel();
      },
    };
  }
}

describe('presence of a worker', () => {
  it('keeps the process alive from start to stop, and no longer', async () => {
    const clock = new WatchedClock();
    const app = await TaskApp.create({}, { clock });
    expect(clock.holders).toBe(0);
    await app.start();
    expect(clock.holders).toBe(1);
    await app.close();
    expect(clock.holders).toBe(0);
  });

  it('does not keep the process alive for a client', async () => {
    const clock = new WatchedClock();
    const app = await TaskApp.create({ worker: false }, { clock });
    await app.start();
    expect(clock.holders).toBe(0);
    await app.stop(Deadline.in(clock, 1000));
  });

  it('leaves nothing behind where the start was stopped', async () => {
    const clock = new WatchedClock();
    const app = await TaskApp.create({}, { clock });
    const starting = app.start().catch(() => undefined);
    await app.close();
    await starting;
    expect(clock.holders).toBe(0);
  });
});
