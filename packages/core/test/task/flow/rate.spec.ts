import { rateIntervalMs } from '../../../src/task/flow/rate.js';

describe('a rate', () => {
  it.each([
    ['10/m', 6000],
    ['0.5/s', 2000],
    ['100/h', 36_000],
    ['1000/d', 86_400],
    ['10', 100],
    [' 10 / m ', 6000],
    [4, 250],
    [0.1, 10_000],
    ['0', 0],
    [0, 0],
  ])('%p is one task in %p ms', (rate, intervalMs) =>
    expect(rateIntervalMs(rate)).toBeCloseTo(intervalMs, 6),
  );

  it.each(['10/w', 'ten', '', '-1/s', '1e3/s', '/m', -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'is not %p',
    (rate) => expect(rateIntervalMs(rate)).toBeUndefined(),
  );

  it.each([undefined, null, {}, true])('is not %p, whatever the compiler was told', (rate) =>
    expect(rateIntervalMs(rate as never)).toBeUndefined(),
  );
});
