import { asksForBeats, readBeatRun } from '../../src/beats/beat-settings.js';
import { accountForTicks, boundMs, holds, tickVerdict } from '../../src/beats/tick-account.js';

const tick = (taskId: string, dueMs = 0) => ({ schedule: 's', taskId, dueMs });
const came = (taskId: string, atMs = 0) => ({ taskId, atMs });
const none: ReadonlySet<string> = new Set();

describe('the account of ticks', () => {
  it('holds where each tick came once, in time', () => {
    const account = accountForTicks([tick('a', 10), tick('b', 20)], [came('a', 15), came('b', 20)], none);
    expect(holds(account)).toBe(true);
    expect(tickVerdict(account)).toBe('ticks 2 duplicated 0 missed 0 latest 5 ms');
  });

  it.each([
    ['a tick that did not come', [tick('a')], []],
    ['a tick that came twice', [tick('a')], [came('a'), came('a')]],
    ['a tick too late', [tick('a')], [came('a', boundMs + 1)]],
    ['what is no tick', [tick('a')], [came('a'), came('x')]],
    ['no ticks at all', [], []],
  ])('does not hold with %s', (_name, expected, seen) => {
    expect(holds(accountForTicks(expected, seen, none))).toBe(false);
  });

  it('lets ticks come that were due after the end, once each', () => {
    expect(holds(accountForTicks([tick('a')], [came('a'), came('b')], new Set(['b'])))).toBe(true);
    expect(holds(accountForTicks([tick('a')], [came('a'), came('b'), came('b')], new Set(['b'])))).toBe(
      false,
    );
  });
});

describe('the arguments of a run of beats', () => {
  it('are read with their defaults', () => {
    expect(asksForBeats(['--tasks', '5'])).toBe(false);
    expect(asksForBeats(['--beats', '5'])).toBe(true);
    expect(readBeatRun(['--beats', '5'])).toEqual({
      broker: 'redis',
      beats: 5,
      schedules: 100,
      kills: 5,
      pauses: 2,
      leaseMs: 4000,
    });
  });

  it.each([
    ['--beats', '0'],
    ['--beats', 'x'],
    ['--beats', '2', '--kills=-1'],
    ['--beats', '2', '--unknown'],
  ])('are refused: %s', (...args) => {
    expect(() => readBeatRun(args)).toThrow(/--/);
  });
});
