import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import { readCron } from './cron-expression.js';
import { readCrontab } from './crontab.js';
import { Custom, type ScheduleTypes } from './custom-schedule.js';
import { checkEvery, Every } from './every.js';
import { Once } from './once.js';
import type { Schedule } from './schedule.js';
import type { CustomSpec, ScheduleSpec } from './schedule-spec.js';
import { checkSolar, Solar } from './solar.js';
import { Zone } from './zone.js';
import { ZonedCron } from './zoned-cron.js';
import { shownValue } from './shown-value.js';

/** What schedules are read with. */
export interface ScheduleSurroundings {
  /** Zone of schedules that name none. */
  readonly timezone: string;
  /** Kinds of schedules of the application's own. */
  readonly types: ScheduleTypes;
}

/**
 * Makes a schedule of its data.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function openSchedule(spec: ScheduleSpec, surroundings: ScheduleSurroundings): Schedule {
  const timezone = ('timezone' in spec ? spec.timezone : undefined) ?? surroundings.timezone;
  switch (spec.kind) {
    case 'every':
      checkEvery(spec);
      return new Every(spec, Zone.of(timezone));
    case 'crontab':
      return new ZonedCron(readCrontab(spec), Zone.of(timezone));
    case 'cron':
      return new ZonedCron(readCron(spec), Zone.of(timezone));
    case 'solar':
      checkSolar(spec);
      return new Solar(spec);
    case 'once':
      return new Once(spec);
    case 'custom':
      return openCustom(spec, timezone, surroundings.types);
    default:
      throw SCHEDULE_INVALID.create({
        what: 'schedule',
        problem: 'this kind is not known here',
        got: shownValue(spec),
      });
  }
}

function openCustom(spec: CustomSpec, timezone: string, types: ScheduleTypes): Schedule {
  const type = Object.hasOwn(types, spec.type) ? types[spec.type] : undefined;
  if (type !== undefined) return new Custom(spec, type, timezone);
  throw SCHEDULE_INVALID.create({
    what: 'schedule type',
    problem: `expected one of the option "scheduleTypes" (${Object.keys(types).join(', ') || 'there is none'})`,
    got: shownValue(spec.type),
  });
}
