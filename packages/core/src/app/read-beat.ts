import type { BeatSettings, ScheduleSettings } from '../beat/beat-settings.js';
import { celeryEntry } from '../beat/celery-entries.js';
import { readEntry } from '../beat/read-entry.js';
import type { PeriodicEntry } from '../beat/periodic-entry.js';
import { isLovageError } from '../errors/lovage-error.js';
import type { ScheduleTypes } from '../schedule/custom-schedule.js';
import { Zone } from '../schedule/zone.js';
import type { AppOptions, BeatOptions } from './app-options.js';
import { OptionReader } from './option-reader.js';
import type { Surroundings } from './surroundings.js';

const shortestLeaseMs = 1000;
const longestLeaseMs = 3_600_000;

/** What options say of schedules and of the beat. */
export function readBeat(
  options: AppOptions,
  embedded: boolean,
  { host }: Surroundings,
  reader: OptionReader,
): { readonly schedules: ScheduleSettings; readonly beat: BeatSettings | undefined } {
  reader.known(['beat', 'beatSchedule', 'scheduleTypes']);
  const timezone = reader.text('timezone', 'UTC');
  const runsWorker = options.worker === undefined ? embedded : options.worker !== false;
  const given: unknown = options.beat ?? (embedded && runsWorker);
  const isBag = typeof given === 'object' && given !== null;
  if (!isBag && typeof given !== 'boolean')
    reader.problem('beat', 'true, false, or the options of a beat', given);
  const own = new OptionReader(isBag ? given : ({} satisfies BeatOptions), 'beat.');
  const name = own.name('name', 'beat');
  // Nobody else can lead on a store that lives in this process.
  const leaseMs = own.duration('lease', embedded ? '1m' : '6s');
  if (leaseMs < shortestLeaseMs || leaseMs > longestLeaseMs)
    own.problem('lease', 'from 1 second to 1 hour', `${leaseMs} ms`);
  reader.take(own);
  const types = typesOf(options, reader);
  const zone = validZone(timezone, reader);
  return {
    schedules: {
      name,
      timezone: zone,
      types,
      declared: declaredOf(options, { timezone: zone, types }, reader),
    },
    beat: given === false ? undefined : { host, leaseMs, keepsAlive: !runsWorker },
  };
}

function validZone(timezone: string, reader: OptionReader): string {
  try {
    return Zone.of(timezone).name;
  } catch {
    reader.problem('timezone', 'an IANA name such as "Europe/Berlin" or "UTC"', timezone);
    return 'UTC';
  }
}

function typesOf({ scheduleTypes = {} }: AppOptions, reader: OptionReader): ScheduleTypes {
  if (typeof scheduleTypes !== 'object' || scheduleTypes === null) {
    reader.problem('scheduleTypes', 'an object of functions', scheduleTypes);
    return {};
  }
  for (const [name, type] of Object.entries(scheduleTypes))
    if (typeof type !== 'function') reader.problem(`scheduleTypes["${name}"]`, 'a function', type);
  return scheduleTypes;
}

function declaredOf(
  { beatSchedule = {} }: AppOptions,
  surroundings: { readonly timezone: string; readonly types: ScheduleTypes },
  reader: OptionReader,
): Readonly<Record<string, PeriodicEntry>> {
  if (typeof beatSchedule !== 'object' || beatSchedule === null) {
    reader.problem('beatSchedule', 'an object of entries by name', beatSchedule);
    return {};
  }
  const entries: Record<string, PeriodicEntry> = Object.create(null) as Record<string, PeriodicEntry>;
  for (const [name, given] of Object.entries(beatSchedule)) {
    try {
      const entry = celeryEntry(name, given);
      readEntry(name, entry, surroundings);
      entries[name] = entry;
    } catch (error) {
      if (!isLovageError(error)) throw error;
      reader.problem(`beatSchedule["${name}"]`, `valid (${error.message})`, given);
    }
  }
  return entries;
}
