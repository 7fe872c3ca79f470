import { VirtualClock } from '../../src/clock/virtual-clock.js';

describe('VirtualClock', () => {
  it('runs what becomes due in the order of time, then of scheduling', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push('late'));
    clock.after(10, () => seen.push('first'));
    clock.after(10, () => seen.push('second'));
    await clock.advance(15);
    expect(seen).toEqual(['first', 'second']);
    await clock.advance(5);
    expect(seen).toEqual(['first', 'second', 'late']);
    expect(clock.pending).toBe(0);
  });

  it('runs timers that timers set, when they become due within the same advance', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    clock.after(10, () => {
      at.push(clock.monoNow());
      clock.after(10, () => at.push(clock.monoNow()));
    });
    await clock.advance(30);
    expect(at).toEqual([10, 20]);
    expect(clock.monoNow()).toBe(30);
  });

  it('does not run a cancelled timer', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const timer = clock.after(10, () => seen.push('never'));
    timer.cancel();
    timer.cancel();
    await clock.advance(20);
    expect(seen).toEqual([]);
  });

  it('steps the calendar without touching durations', () => {
    const clock = new VirtualClock(1000);
    clock.stepWall(-500);
    expect(clock.wallNow()).toBe(500);
    expect(clock.monoNow()).toBe(0);
  });
});
