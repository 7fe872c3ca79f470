import fc from 'fast-check';
import { cron } from '../../src/schedule/cron-expression.js';
import { crontab } from '../../src/schedule/crontab.js';
import { customSchedule } from '../../src/schedule/custom-schedule.js';
import { every } from '../../src/schedule/every.js';
import { once } from '../../src/schedule/once.js';
import { openSchedule } from '../../src/schedule/open-schedule.js';
import { latestDue } from '../../src/schedule/schedule.js';
import { type ScheduleInput, scheduleSpec } from '../../src/schedule/schedule-input.js';
import { solar } from '../../src/schedule/solar.js';
import { Zone } from '../../src/schedule/zone.js';

const zones = Intl.supportedValuesOf('timeZone');
const types = { leap: (after: Date) => new Date(after.getTime() + 366 * 86_400_000) };
const open = (input: ScheduleInput, timezone = 'UTC') =>
  openSchedule(scheduleSpec(input), { timezone, types });

/** The next times of a schedule, as ISO texts. */
function times(input: ScheduleInput, after: string, count = 3, timezone = 'UTC'): readonly string[] {
  const from = Date.parse(after);
  const schedule = open(input, timezone);
  const found: string[] = [];
  for (let ms = schedule.next(from, from); ms !== undefined && found.length < count; ) {
    found.push(new Date(ms).toISOString().replace('.000Z', 'Z'));
    ms = schedule.next(ms, from);
  }
  return found;
}

const invalid = expect.objectContaining({ code: 'LOVAGE_SCHEDULE_INVALID' });

describe('every', () => {
  it('counts from when the schedule began', () => {
    expect(times(every('10m'), '2026-01-01T00:00:07Z')).toEqual([
      '2026-01-01T00:10:07Z',
      '2026-01-01T00:20:07Z',
      '2026-01-01T00:30:07Z',
    ]);
    expect(times(30, '2026-01-01T00:00:07Z', 1)).toEqual(['2026-01-01T00:00:37Z']);
    expect(times('1h', '2026-01-01T00:00:07Z', 1)).toEqual(['2026-01-01T01:00:07Z']);
  });

  it('rounds its beginning down where it is relative', () => {
    expect(times(every('10m', { relative: true }), '2026-01-01T00:03:07Z', 2)).toEqual([
      '2026-01-01T00:13:00Z',
      '2026-01-01T00:23:00Z',
    ]);
    expect(times(every('1d', { relative: true, timezone: 'Asia/Tokyo' }), '2026-01-01T03:00:00Z', 1)).toEqual(
      ['2026-01-01T15:00:00Z'],
    );
  });

  it('counts from midnight where it is aligned', () => {
    expect(times(every('10m', { aligned: true }), '2026-01-01T00:03:07Z', 2)).toEqual([
      '2026-01-01T00:10:00Z',
      '2026-01-01T00:20:00Z',
    ]);
    expect(
      times(every('1d', { aligned: true, timezone: 'Europe/Berlin' }), '2026-03-28T12:00:00Z', 3),
    ).toEqual(['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z']);
    expect(times(every('3d', { aligned: true }), '1970-01-01T12:00:00Z', 2)).toEqual([
      '1970-01-04T00:00:00Z',
      '1970-01-07T00:00:00Z',
    ]);
  });

  it('is of elapsed time: a change of the clocks does not make it shorter, as in Celery', () => {
    expect(times(every('2h'), '2026-03-29T00:30:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-03-29T02:30:00Z',
      '2026-03-29T04:30:00Z',
    ]);
  });

  it.each([0, -1, Number.NaN, 1e12, 0.001])('refuses %p seconds', (seconds) => {
    expect(() => every(seconds)).toThrow(/every/);
  });

  it('refuses an aligned interval that does not divide a day', () => {
    expect(() => every('7h', { aligned: true })).toThrow(invalid);
    expect(() => every('1h', { aligned: true, relative: true })).toThrow(invalid);
  });
});

describe('crontab', () => {
  it('needs all fields to match, as Celery', () => {
    expect(
      times(crontab({ minute: 0, hour: 0, dayOfWeek: 'fri', dayOfMonth: 13 }), '2026-01-01T00:00:00Z'),
    ).toEqual(['2026-02-13T00:00:00Z', '2026-03-13T00:00:00Z', '2026-11-13T00:00:00Z']);
  });

  it.each([
    [{ minute: '0-30/10,59' }, ['00:10', '00:20', '00:30', '00:59']],
    [{ minute: [5, 6], hour: '22-1' }, ['00:05', '00:06', '01:05', '01:06', '22:05']],
    [{ minute: 0, hour: '*/8' }, ['08:00', '16:00', '00:00']],
    [{ minute: new Set([7]), hour: 3 }, ['03:07', '03:07']],
  ])('takes %j', (options, expected) => {
    const found = times(crontab(options), '2026-01-01T00:00:00Z', expected.length);
    expect(found.map((text) => text.slice(11, 16))).toEqual(expected);
  });

  it('takes names, of days by their first letters, and wraps around', () => {
    const days = times(crontab({ minute: 0, hour: 0, dayOfWeek: 'friday-mon' }), '2026-01-01T00:00:00Z', 5);
    expect(days.map((text) => new Date(text).getUTCDay())).toEqual([5, 6, 0, 1, 5]);
    const months = times(
      crontab({ minute: 0, hour: 0, dayOfMonth: 1, monthOfYear: 'jan,jul' }),
      '2026-01-01T00:00:00Z',
      2,
    );
    expect(months).toEqual(['2026-07-01T00:00:00Z', '2027-01-01T00:00:00Z']);
    expect(times(crontab({ minute: 0, hour: 0, dayOfWeek: 7 }), '2026-01-01T00:00:00Z', 1)).toEqual([
      '2026-01-04T00:00:00Z',
    ]);
  });

  it('finds 29 February, also on a given weekday', () => {
    expect(
      times(crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2 }), '2096-03-01T00:00:00Z', 1),
    ).toEqual(['2104-02-29T00:00:00Z']);
    expect(
      times(
        crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2, dayOfWeek: 'mon' }),
        '2026-01-01T00:00:00Z',
        1,
      ),
    ).toEqual(['2044-02-29T00:00:00Z']);
  });

  it.each([
    { minute: 60 },
    { minute: -1 },
    { hour: '24' },
    { minute: '' },
    { minute: '*/0' },
    { minute: '5/10' },
    { minute: '1,,2' },
    { hour: 'noon' },
    { dayOfMonth: 0 },
    { dayOfMonth: '30-31', monthOfYear: 2 },
    { minute: '*/15x' },
    { dayOfWeek: '?' },
    { minute: [] },
    { timezone: 'Mars/Olympus' },
  ])('refuses %j', (options) => {
    expect(() => openSchedule(crontab(options), { timezone: 'UTC', types })).toThrow(invalid);
  });
});

describe('a line of cron', () => {
  it.each([
    ['*/5 * * * *', '2026-01-01T00:05:00Z'],
    ['*/10 * * * * *', '2026-01-01T00:00:10Z'],
    ['0 8 * * 1-5', '2026-01-01T08:00:00Z'],
    ['0 30 11 * * 1-5', '2026-01-01T11:30:00Z'],
    ['5/20 * * * *', '2026-01-01T00:05:00Z'],
    ['0 0 ? * SUN', '2026-01-04T00:00:00Z'],
    ['@daily', '2026-01-02T00:00:00Z'],
    ['0 0 1 JAN *', '2027-01-01T00:00:00Z'],
  ])('%s', (line, expected) => {
    expect(times(line, '2026-01-01T00:00:00Z', 1)).toEqual([expected]);
  });

  it('needs one of two restricted fields of days to match, as cron', () => {
    expect(times(cron('0 0 13 * 5'), '2026-01-01T00:00:00Z', 4).map((text) => text.slice(5, 10))).toEqual([
      '01-02',
      '01-09',
      '01-13',
      '01-16',
    ]);
  });

  it.each(['', '* * *', '* * * * * * *', '@reboot', '61 * * * *', '0 0 31 2 *', 'a b c d e'])(
    'refuses "%s"',
    (line) => {
      expect(() => cron(line)).toThrow(invalid);
    },
  );
});

describe('other kinds', () => {
  it('solar is at events of the sun, to the minute', () => {
    const [rise, next] = times(solar('sunrise', 52.52, 13.405), '2026-06-21T00:00:00Z', 2);
    expect(rise).toMatch(/^2026-06-21T02:4\d:00Z$/);
    expect(next).toMatch(/^2026-06-22T02:4\d:00Z$/);
    const noon = times(solar('solar_noon', 0, 0), '2026-01-01T00:00:00Z', 1);
    expect(noon[0]).toMatch(/^2026-01-01T12:0\d:00Z$/);
  });

  it('solar waits for the end of a polar night', () => {
    const [rise] = times(solar('sunrise', 78.22, 15.63), '2025-12-01T00:00:00Z', 1);
    expect(rise?.slice(0, 7)).toBe('2026-02');
  });

  it.each([
    ['noon', 0, 0],
    ['sunset', 91, 0],
    ['sunset', 0, 181],
    ['sunset', Number.NaN, 0],
  ] as const)('solar refuses %s at %p, %p', (event, latitude, longitude) => {
    expect(() => solar(event as 'sunset', latitude, longitude)).toThrow(invalid);
  });

  it('once is once', () => {
    const at = new Date('2026-05-01T08:00:00Z');
    expect(times(at, '2026-01-01T00:00:00Z')).toEqual(['2026-05-01T08:00:00Z']);
    expect(times(at, '2026-05-01T08:00:00Z')).toEqual([]);
    expect(() => once('2026-05-01T08:00:00')).toThrow(invalid);
    expect(() => once(new Date(Number.NaN))).toThrow(invalid);
  });

  it('custom kinds are the application’s', () => {
    expect(times(customSchedule('leap'), '2026-01-01T00:00:00Z', 2)).toEqual([
      '2027-01-02T00:00:00Z',
      '2028-01-03T00:00:00Z',
    ]);
    expect(() => open(customSchedule('other'))).toThrow(invalid);
    expect(() =>
      openSchedule(customSchedule('past'), { timezone: 'UTC', types: { past: () => new Date(0) } }).next(
        1,
        0,
      ),
    ).toThrow(invalid);
  });

  it.each([
    null,
    {},
    [],
    { kind: 'crontab' },
    { kind: 'every', seconds: '1' },
    { kind: 'constructor' },
    true,
  ])('refuses %j', (input) => {
    expect(() => scheduleSpec(input as never)).toThrow(invalid);
  });
});

describe('all schedules in all zones', () => {
  const zone = fc.constantFrom(...zones);
  const moment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2037, 0) });
  const list = (least: number, most: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: 1, max: 20 }).map((by) => `*/${by}`),
      fc
        .array(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 })
        .map((all) => all.join(',')),
    );
  const anyCrontab = fc
    .record({ minute: list(0, 59), hour: list(0, 23), dayOfWeek: list(0, 6), dayOfMonth: list(1, 28) })
    .map((options) => crontab(options));
  const anySchedule = fc.oneof(
    anyCrontab,
    fc.integer({ min: 1, max: 100_000 }).map((seconds) => every(seconds)),
    fc
      .constantFrom(1, 5, 60, 600, 3600, 7200, 86_400, 172_800)
      .map((seconds) => every(seconds, { aligned: true })),
    fc.tuple(list(0, 59), list(0, 59), list(0, 23)).map((fields) => cron(`${fields.join(' ')} * * *`)),
  );

  it('next is later, and nothing is due between', () => {
    fc.assert(
      fc.property(
        anySchedule,
        zone,
        moment,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (spec, name, after, part) => {
          const schedule = openSchedule(spec, { timezone: name, types });
          const next = schedule.next(after, after) as number;
          expect(next).toBeGreaterThan(after);
          const between = after + Math.floor((next - after - 1) * part);
          expect(schedule.next(between, after)).toBe(next);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('a crontab is due at every local time that matches, and at no other', () => {
    fc.assert(
      fc.property(zone, moment, list(0, 59), list(0, 23), (name, after, minute, hour) => {
        const schedule = openSchedule(crontab({ minute, hour }), { timezone: name, types });
        const local = new Intl.DateTimeFormat('en-GB', {
          timeZone: name,
          hour: '2-digit',
          minute: '2-digit',
        });
        const next = schedule.next(after, 0) as number;
        const text = local.format(next).split(':').map(Number);
        const matches = (field: string, value: number): boolean =>
          field.startsWith('*')
            ? value % Number(field.split('/')[1] ?? 1) === 0
            : field.split(',').map(Number).includes(value);
        const { startMs, offsetMs, previousOffsetMs } = Zone.of(name).segmentAt(next);
        // At the change itself those are due that it skipped.
        if (next === startMs && offsetMs > previousOffsetMs) return;
        expect(matches(minute, text[1] as number) && matches(hour, text[0] as number)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('the latest that is due is what going through all would find', () => {
    fc.assert(
      fc.property(
        anySchedule,
        zone,
        moment,
        fc.integer({ min: 0, max: 200_000_000 }),
        (spec, name, after, later) => {
          const schedule = openSchedule(spec, { timezone: name, types });
          const now = after + later;
          const found = latestDue(schedule, after, now, after);
          const next = schedule.next(found ?? after, after) as number;
          expect(next).toBeGreaterThan(now);
          expect(found ?? now).toBeGreaterThanOrEqual(after);
          expect(found ?? now).toBeLessThanOrEqual(now);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('the latest is found also where nothing follows it', () => {
    const schedule = openSchedule(once(new Date(1_000_000)), { timezone: 'UTC', types });
    for (const later of [0, 1, 999, 1000, 1001, 5000, 1e9])
      expect(latestDue(schedule, 0, 1_000_000 + later, 0)).toBe(1_000_000);
    expect(latestDue(schedule, 1_000_000, 2_000_000, 0)).toBeUndefined();
    expect(latestDue(schedule, 0, 999_999, 0)).toBeUndefined();
  });

  it('costs little to find the latest of millions', () => {
    const schedule = openSchedule(every(1), { timezone: 'UTC', types });
    let asked = 0;
    const counting = {
      next: (after: number, from: number) => {
        asked += 1;
        return schedule.next(after, from);
      },
    };
    expect(latestDue(counting, 0, Date.UTC(2026, 0), 0)).toBe(Date.UTC(2026, 0));
    expect(asked).toBeLessThan(10);
  });
});
