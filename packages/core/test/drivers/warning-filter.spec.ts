import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { WarningFilter } from '../../src/drivers/warning-filter.js';

describe('warnings', () => {
  it('are told at most once a minute each', async () => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const filter = new WarningFilter(clock, ({ message }) => told.push(message));
    for (const text of ['a', 'b', 'a']) filter.warn(new Error(text));
    await clock.advance(59_000);
    filter.warn(new Error('a'));
    expect(told).toStrictEqual(['a', 'b']);
    await clock.advance(1000);
    filter.warn(new Error('a'));
    filter.warn('b');
    expect(told).toStrictEqual(['a', 'b', 'a', 'b']);
  });

  it('are remembered up to a hundred', () => {
    const told: string[] = [];
    const filter = new WarningFilter(new VirtualClock(), ({ message }) => told.push(message));
    for (let n = 0; n <= 100; n += 1) filter.warn(new Error(String(n)));
    filter.warn(new Error('100'));
    filter.warn(new Error('0'));
    expect(told).toHaveLength(102);
    expect(told.at(-1)).toBe('0');
  });
});
