import { getTimes, type SunTimeName } from 'suncalc';
import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import type { Schedule } from './schedule.js';
import { type SolarEvent, solarEvents, type SolarSpec } from './schedule-spec.js';
import { shownValue } from './shown-value.js';

const names: Readonly<Record<SolarEvent, SunTimeName | 'solarNoon'>> = {
  dawn_astronomical: 'nightEnd',
  dawn_nautical: 'nauticalDawn',
  dawn_civil: 'dawn',
  sunrise: 'sunrise',
  solar_noon: 'solarNoon',
  sunset: 'sunset',
  dusk_civil: 'dusk',
  dusk_nautical: 'nauticalDusk',
  dusk_astronomical: 'night',
};

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Beyond the polar circles the sun does not rise, or set, for half a year. */
const mostDays = 400;

/**
 * At an event of the sun, as Celery's `solar`: `solar('sunset', -37.81, 144.96)`. To the minute. Where the sun does not rise
 * or set on a day, nothing is due on it.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function solar(event: SolarEvent, latitude: number, longitude: number): SolarSpec {
  const spec: SolarSpec = { kind: 'solar', event, latitude, longitude };
  checkSolar(spec);
  return spec;
}

/** @throws LOVAGE_SCHEDULE_INVALID */
export function checkSolar({ event, latitude, longitude }: SolarSpec): void {
  if (!solarEvents.includes(event)) throw invalid(`expected one of ${solarEvents.join(', ')}`, event);
  if (!(latitude >= -90 && latitude <= 90))
    throw invalid('the latitude must lie between -90 and 90', latitude);
  if (!(longitude >= -180 && longitude <= 180))
    throw invalid('the longitude must lie between -180 and 180', longitude);
}

const invalid = (problem: string, got: unknown): Error =>
  SCHEDULE_INVALID.create({ what: 'solar', problem, got: shownValue(got) });

export class Solar implements Schedule {
  constructor(private readonly spec: SolarSpec) {}

  next(afterMs: number): number | undefined {
    const { event, latitude, longitude } = this.spec;
    for (let day = -1; day < mostDays; day += 1) {
      const found = getTimes(new Date(afterMs + day * dayMs), latitude, longitude)[names[event]];
      // To the minute: the last digits of an angle may differ from machine to machine, and a tick must not.
      const ms = found == null ? Number.NaN : Math.round(found.getTime() / minuteMs) * minuteMs;
      if (ms > afterMs) return ms;
    }
    return undefined;
  }
}
