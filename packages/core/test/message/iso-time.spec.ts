import fc from 'fast-check';
import { formatIsoTime, parseIsoTime } from '../../src/message/iso-time.js';

const utc = (...parts: [number, number, number?, number?, number?, number?, number?]): Date =>
  new Date(Date.UTC(...parts));

describe('parseIsoTime', () => {
  it.each<[string, Date]>([
    ['2030-01-02T03:04:05', utc(2030, 0, 2, 3, 4, 5)],
    ['2030-01-02 03:04:05', utc(2030, 0, 2, 3, 4, 5)],
    ['2030-01-02T03:04', utc(2030, 0, 2, 3, 4)],
    ['2030-01-02', utc(2030, 0, 2)],
    ['2030-01-02T03:04:05Z', utc(2030, 0, 2, 3, 4, 5)],
    ['2030-01-02t03:04:05z', utc(2030, 0, 2, 3, 4, 5)],
    ['2030-01-02T03:04:05.678901+00:00', utc(2030, 0, 2, 3, 4, 5, 678)],
    ['2030-01-02T03:04:05.5Z', utc(2030, 0, 2, 3, 4, 5, 500)],
    ['2030-01-02T03:04:05,05Z', utc(2030, 0, 2, 3, 4, 5, 50)],
    ['2030-01-02T03:04:05.123456789Z', utc(2030, 0, 2, 3, 4, 5, 123)],
    ['2030-01-02T03:04:05+05:30', utc(2030, 0, 1, 21, 34, 5)],
    ['2030-01-02T03:04:05+0530', utc(2030, 0, 1, 21, 34, 5)],
    ['2030-01-02T03:04:05-05', utc(2030, 0, 2, 8, 4, 5)],
    ['2026-11-20T16:57:03.123456-05:00', utc(2026, 10, 20, 21, 57, 3, 123)],
    ['2028-02-29T00:00:00Z', utc(2028, 1, 29)],
    ['0050-06-01T00:00:00Z', new Date('0050-06-01T00:00:00Z')],
  ])('reads %s', (text, expected) => {
    expect(parseIsoTime(text)).toEqual(expected);
  });

  it('reads a time without an offset in the zone of this machine where that is asked for', () => {
    expect(parseIsoTime('2030-07-02T03:04:05.5', true)).toEqual(new Date(2030, 6, 2, 3, 4, 5, 500));
    expect(parseIsoTime('2030-07-02', true)).toEqual(new Date(2030, 6, 2));
    expect(parseIsoTime('2030-07-02T03:04:05Z', true)).toEqual(utc(2030, 6, 2, 3, 4, 5));
  });

  it.each([
    '',
    'tomorrow',
    '2030',
    '2030-01',
    '2030-1-2',
    '2030-13-01',
    '2030-02-29',
    '2100-02-29',
    '2030-04-31',
    '0000-01-01',
    '2030-01-02T',
    '2030-01-02T24:00:00',
    '2030-01-02T03:60:00',
    '2030-01-02T03:04:60',
    '2030-01-02T03:04:05.',
    '2030-01-02T03:04:05.Z',
    '2030-01-02T03:04:05+24:00',
    '2030-01-02T03:04:05+05:60',
    '2030-01-02T03:04:05 UTC',
    '2030-01-02T03:04:05Zulu',
    '2030-01-02x03:04:05',
    '1893553445',
    ' 2030-01-02',
    '２０３０-01-02',
  ])('refuses "%s"', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });

  it('reads many times of one second, whatever stands after it', () => {
    for (const [text, ms] of [
      ['2030-01-02T03:04:05.000000+00:00', 0],
      ['2030-01-02T03:04:05.999999+00:00', 999],
      ['2030-01-02T03:04:05.1+00:00', 100],
      ['2030-01-02T03:04:05.678901+00:01', 678 - 60_000],
      ['2030-01-02T03:04:05.12345x+00:00', undefined],
      ['2030-01-02T03:04:05,678901+00:00', 678],
      ['2030-01-02T03:04:06.678901+00:00', 1678],
      ['2030-01-02T03:04:05.678901+00:00', 678],
      [
        '1969-12-31T23:59:59.250000+00:00',
        Date.UTC(1969, 11, 31, 23, 59, 59, 250) - Date.UTC(2030, 0, 2, 3, 4, 5),
      ],
      [
        '1969-12-31T23:59:59.750000+00:00',
        Date.UTC(1969, 11, 31, 23, 59, 59, 750) - Date.UTC(2030, 0, 2, 3, 4, 5),
      ],
    ] as const) {
      expect(parseIsoTime(text)?.getTime()).toBe(
        ms === undefined ? undefined : Date.UTC(2030, 0, 2, 3, 4, 5) + ms,
      );
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => parseIsoTime(text) === undefined || text.length >= 10));
  });
});

describe('formatIsoTime', () => {
  it('writes six digits and an offset with a colon', () => {
    expect(formatIsoTime(utc(2030, 0, 2, 3, 4, 5, 7))).toBe('2030-01-02T03:04:05.007000+00:00');
    expect(formatIsoTime(utc(2030, 0, 2, 3, 4, 5, 67))).toBe('2030-01-02T03:04:05.067000+00:00');
    expect(formatIsoTime(utc(2030, 0, 2, 3, 4, 5))).toBe('2030-01-02T03:04:05.000000+00:00');
    expect(formatIsoTime(new Date(-1))).toBe('1969-12-31T23:59:59.999000+00:00');
  });

  it('refuses what Python can not hold', () => {
    expect(formatIsoTime(new Date(Number.NaN))).toBeUndefined();
    expect(formatIsoTime(new Date('+010000-01-01T00:00:00Z'))).toBeUndefined();
    expect(formatIsoTime(new Date('0000-12-31T23:59:59Z'))).toBeUndefined();
    expect(formatIsoTime(new Date('9999-12-31T23:59:59.999Z'))).toBe('9999-12-31T23:59:59.999000+00:00');
    expect(formatIsoTime(new Date('0001-01-01T00:00:00Z'))).toBe('0001-01-01T00:00:00.000000+00:00');
  });

  it('is read back to the same time', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (time) => {
        const text = formatIsoTime(time) as string;
        expect(parseIsoTime(text)).toEqual(time);
        expect(text).toBe(time.toISOString().replace('Z', '000+00:00'));
      }),
    );
  });
});
