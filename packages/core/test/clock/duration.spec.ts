import { type Duration, durationMs } from '../../src/clock/duration.js';

describe('durationMs', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1.5, 1500],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['3h', 10_800_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
  ])('reads %p', (value, expected) => {
    expect(durationMs(value, 'countdown')).toBe(expected);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', '5 s', '-5s', 's', '', null, {}])(
    'refuses %p and says what it wants',
    (value) => {
      expect(() => durationMs(value as Duration, 'countdown')).toThrow(
        /expected "countdown" to be a number of seconds/,
      );
    },
  );
});
