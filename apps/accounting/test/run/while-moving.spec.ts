import { VirtualClock } from '@lovage/core';
import { whileMoving } from '../../src/run/while-moving.js';

const stillMs = 120_000;

describe('waiting while something moves', () => {
  let clock: VirtualClock;
  let moved: number;
  let end: () => void;
  let outcome: boolean | undefined;
  beforeEach(() => {
    clock = new VirtualClock();
    moved = 0;
    outcome = undefined;
    const work = new Promise<void>((resolve) => {
      end = resolve;
    });
    void whileMoving(work, () => moved, stillMs, clock).then((ended) => {
      outcome = ended;
    });
  });

  it('goes on for many times as long, and ends with the work', async () => {
    for (let time = 0; time < 10; time += 1) {
      moved += 1;
      await clock.advance(stillMs - 2000);
      expect(outcome).toBeUndefined();
    }
    end();
    await clock.advance(0);
    expect(outcome).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('gives up when nothing has moved for so long', async () => {
    moved += 1;
    await clock.advance(stillMs);
    expect(outcome).toBeUndefined();
    await clock.advance(2000);
    expect(outcome).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
