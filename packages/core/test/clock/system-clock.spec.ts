import { SystemClock } from '../../src/clock/system-clock.js';

describe('SystemClock', () => {
  it('never runs an action before its time', async () => {
    const clock = new SystemClock();
    for (const delayMs of [0, 1, 1.5, 7.9]) {
      const begin = clock.monoNow();
      // A timer of this clock does not keep the process alive; the pending test does.
      await new Promise<void>((resolve) => {
        clock.after(delayMs, resolve);
      });
      expect(clock.monoNow() - begin).toBeGreaterThanOrEqual(delayMs);
    }
  });

  it('never does so after work that made the time of the event loop old', async () => {
    const clock = new SystemClock();
    for (let round = 0; round < 100; round += 1) {
      const begin = clock.monoNow();
      while (clock.monoNow() < begin + 2);
      const armed = clock.monoNow();
      await new Promise<void>((resolve) => {
        clock.after(1, resolve);
      });
      expect(clock.monoNow() - armed).toBeGreaterThanOrEqual(1);
    }
  });

  it('does not run a delay at once that is longer than what Node can take', async () => {
    const clock = new SystemClock();
    let ran = false;
    const timer = clock.after(2 ** 31 * 3, () => {
      ran = true;
    });
    await new Promise<void>((resolve) => {
      clock.after(5, resolve);
    });
    timer.cancel();
    expect(ran).toBe(false);
  });

  it('keeps the process alive until that is cancelled', () => {
    const made = jest.spyOn(globalThis, 'setInterval');
    const ended = jest.spyOn(globalThis, 'clearInterval');
    const presence = new SystemClock().keepAlive();
    const timer = made.mock.results[0]?.value as NodeJS.Timeout | undefined;
    expect(timer?.hasRef()).toBe(true);
    presence.cancel();
    presence.cancel();
    expect(ended).toHaveBeenCalledWith(timer);
  });
});
