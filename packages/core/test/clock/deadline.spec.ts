import { Deadline } from '../../src/clock/deadline.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

describe('Deadline', () => {
  it('counts down and never below zero', async () => {
    const clock = new VirtualClock();
    const deadline = Deadline.in(clock, 100);
    await clock.advance(60);
    expect(deadline.leftMs()).toBe(40);
    expect(deadline.passed).toBe(false);
    await clock.advance(60);
    expect(deadline.leftMs()).toBe(0);
    expect(deadline.passed).toBe(true);
  });

  it('is not moved by a step of the calendar', () => {
    const clock = new VirtualClock();
    const deadline = Deadline.in(clock, 100);
    clock.stepWall(3_600_000);
    expect(deadline.leftMs()).toBe(100);
  });

  it('gives what the work gives, and leaves no timer', async () => {
    const clock = new VirtualClock();
    await expect(Deadline.in(clock, 10).race(Promise.resolve('done'), () => new Error('late'))).resolves.toBe(
      'done',
    );
    await expect(
      Deadline.in(clock, 10).race(Promise.reject(new Error('broken')), () => new Error('late')),
    ).rejects.toThrow('broken');
    expect(clock.pending).toBe(0);
  });

  it('rejects when it passes first', async () => {
    const clock = new VirtualClock();
    const raced = Deadline.in(clock, 10).race(new Promise(() => undefined), () => new Error('late'));
    const seen = expect(raced).rejects.toThrow('late');
    await clock.advance(10);
    await seen;
  });

  it('tells whether work ended within it, also when the work failed', async () => {
    const clock = new VirtualClock();
    await expect(Deadline.in(clock, 10).within(Promise.reject(new Error('broken')))).resolves.toBe(true);
    const never = Deadline.in(clock, 10).within(new Promise(() => undefined));
    await clock.advance(10);
    await expect(never).resolves.toBe(false);
    expect(clock.pending).toBe(0);
  });
});
