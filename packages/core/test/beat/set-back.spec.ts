import fc from 'fast-check';
import { beginsAnew, correctionMs } from '../../src/beat/set-back.js';
import { crontab } from '../../src/schedule/crontab.js';
import { every } from '../../src/schedule/every.js';
import { openSchedule } from '../../src/schedule/open-schedule.js';
import type { ScheduleSpec } from '../../src/schedule/schedule-spec.js';

const hourMs = 3_600_000;
const now = Date.UTC(2026, 0, 1);
const surroundings = { timezone: 'UTC', scheduleTypes: {} } as unknown as Parameters<typeof openSchedule>[1];

describe('a clock that was set back', () => {
  it.each<[string, ScheduleSpec, number, boolean]>([
    ['an interval waits no longer than it takes', every('10m'), 10 * 60_000, false],
    ['an interval begins anew beyond that', every('10m'), 10 * 60_000 + 1, true],
    ['an interval of a day does too', every('1d'), 25 * hourMs, true],
    ['a relative interval is an interval', every('10m', { relative: true }), hourMs, true],
    ['an aligned one goes by the clock', every('10m', { aligned: true }), 3 * hourMs, false],
    ['an aligned one begins anew after three hours', every('10m', { aligned: true }), 3 * hourMs + 1, true],
    ['a crontab waits for an hour that comes twice', crontab({ minute: '*' }), hourMs, false],
    ['a crontab begins anew after three hours', crontab({ hour: 2, minute: 0 }), 3 * hourMs + 1, true],
    ['what is due once was due', { kind: 'once', atMs: now } as unknown as ScheduleSpec, 99 * hourMs, false],
  ])('%s', (_, spec, aheadMs, expected) => {
    expect(beginsAnew(spec, now + aheadMs, now)).toBe(expected);
  });

  it('never lets a schedule stand still for longer than its own time and three hours', () => {
    const specs = fc.oneof(
      fc.integer({ min: 1, max: 86_400 }).map((seconds) => every(seconds)),
      fc.constantFrom(60, 600, 3600, 86_400).map((seconds) => every(seconds, { aligned: true })),
      fc.integer({ min: 0, max: 23 }).map((hour) => crontab({ hour, minute: 30 })),
      fc.integer({ min: 0, max: 59 }).map((minute) => crontab({ minute })),
    );
    fc.assert(
      fc.property(specs, fc.integer({ min: 0, max: 400 * 24 * hourMs }), (spec, aheadMs) => {
        const schedule = openSchedule(spec, surroundings);
        const last = schedule.next(now + aheadMs, now) ?? 0;
        const anew = beginsAnew(spec, last, now);
        const next = schedule.next(anew ? now : last, anew ? now : Math.min(now, last)) ?? 0;
        const onTime = schedule.next(now, now) ?? 0;
        expect(next - onTime).toBeLessThanOrEqual(24 * hourMs + correctionMs);
        expect(anew || next > last).toBe(true);
      }),
    );
  });
});
