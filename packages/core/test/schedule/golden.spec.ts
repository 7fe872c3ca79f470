import { readFileSync } from 'node:fs';
import { crontab } from '../../src/schedule/crontab.js';
import { openSchedule } from '../../src/schedule/open-schedule.js';
import type { Schedule } from '../../src/schedule/schedule.js';
import { Zone } from '../../src/schedule/zone.js';

interface Change {
  readonly zone: string;
  readonly step: number;
  readonly minute: string;
  readonly hour: string;
  readonly window: number;
  readonly at: readonly number[];
  readonly celery: readonly number[];
  readonly lovage: readonly number[];
}

type Sample = readonly [zone: string, fields: string, last: number, next: number];

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));

const changes = read('changes-of-clocks.json') as readonly Change[];
const samples = read('celery-samples.json') as readonly Sample[];

const surroundings = { timezone: 'UTC', types: {} };

/** Minutes from a change at which a schedule is due, in a window around it. */
function minutesAround(schedule: Schedule, at: number, window: number): readonly number[] {
  const found: number[] = [];
  const end = (at + window * 60) * 1000;
  for (let ms = schedule.next((at - window * 60) * 1000, 0); ms !== undefined && ms < end; ) {
    found.push((ms / 1000 - at) / 60);
    ms = schedule.next(ms, 0);
  }
  return found;
}

describe('a crontab around the changes of the clocks, 12 zones, 2016 to 2025', () => {
  it.each(
    changes.map((row) => [`${row.zone}, ${row.step} minutes, ${row.minute} ${row.hour}`, row] as const),
  )('%s', (_name, { zone, minute, hour, window, at, celery, lovage }) => {
    const schedule = openSchedule(crontab({ minute, hour, timezone: zone }), surroundings);
    for (const one of at) expect(minutesAround(schedule, one, window)).toEqual(lovage);
    // Celery's crontab goes by the clock on the wall alone, and stands still while it repeats itself.
    expect(hour === '*' ? celery : lovage).toEqual(celery);
  });

  it('knows every change of these zones', () => {
    for (const name of new Set(changes.map(({ zone }) => zone))) {
      const zone = Zone.of(name);
      const found: number[] = [];
      const end = Date.UTC(2026, 0, 1);
      for (let segment = zone.segmentAt(Date.UTC(2016, 0, 1)); segment.endMs < end; ) {
        segment = zone.segmentAt(segment.endMs);
        if (segment.offsetMs !== segment.previousOffsetMs) found.push(segment.startMs / 1000);
      }
      const known = new Set(changes.filter((row) => row.zone === name).flatMap(({ at }) => at));
      expect(found).toEqual([...known].toSorted((a, b) => a - b));
    }
  });

  it('goes on evenly where Celery stands still', () => {
    for (const { lovage, minute } of changes.filter(({ hour, step }) => hour === '*' && step === -60)) {
      const gaps = lovage.slice(1).map((when, index) => when - (lovage[index] as number));
      expect(new Set(gaps)).toEqual(new Set([minute === '*/20' ? 20 : 60]));
    }
  });
});

describe('a crontab on ordinary days', () => {
  it('is due when Celery says so', () => {
    const different: string[] = [];
    for (const [zone, fields, last, next] of samples) {
      const [minute, hour, dayOfWeek, dayOfMonth, monthOfYear] = fields.split(' ');
      const spec = crontab({ minute, hour, dayOfWeek, dayOfMonth, monthOfYear, timezone: zone });
      const ours = (openSchedule(spec, surroundings).next(last * 1000, 0) as number) / 1000;
      if (ours === next) continue;
      // Celery 5.2.6 takes midnight for that of UTC when it looks for a day of a month: west of it, in the evening, it
      // passes over the next days.
      const isTomorrowInUtc =
        new Date(last * 1000).getUTCDate() !== new Date(Zone.of(zone).local(last * 1000)).getUTCDate();
      if (isTomorrowInUtc && ours < next && (dayOfMonth !== '*' || monthOfYear !== '*')) continue;
      different.push(`${zone} ${fields} after ${last}: Celery ${next}, Lovage ${ours}`);
    }
    expect(different).toEqual([]);
    expect(samples.length).toBeGreaterThan(300);
  });
});
