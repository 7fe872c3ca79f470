/** Every so many seconds. */
export interface EverySpec {
  readonly kind: 'every';
  readonly seconds: number;
  /** Counted from when the schedule began, rounded down to the unit of the interval (Celery's `relative`). */
  readonly relative?: true | undefined;
  /** Counted from midnight. */
  readonly aligned?: true | undefined;
  readonly timezone?: string | undefined;
}

/** Celery's crontab: all fields must match. */
export interface CrontabSpec {
  readonly kind: 'crontab';
  readonly minute: string;
  readonly hour: string;
  readonly dayOfWeek: string;
  readonly dayOfMonth: string;
  readonly monthOfYear: string;
  readonly timezone?: string | undefined;
}

/** A line of cron: five fields, or six with seconds first. */
export interface CronSpec {
  readonly kind: 'cron';
  readonly expression: string;
  readonly timezone?: string | undefined;
}

/** Events of the sun, Celery's words. */
export const solarEvents = [
  'dawn_astronomical',
  'dawn_nautical',
  'dawn_civil',
  'sunrise',
  'solar_noon',
  'sunset',
  'dusk_civil',
  'dusk_nautical',
  'dusk_astronomical',
] as const;

export type SolarEvent = (typeof solarEvents)[number];

export interface SolarSpec {
  readonly kind: 'solar';
  readonly event: SolarEvent;
  /** Degrees, north positive. */
  readonly latitude: number;
  /** Degrees, east positive. */
  readonly longitude: number;
}

/** Once. */
export interface OnceSpec {
  readonly kind: 'once';
  /** ISO 8601, with its offset. */
  readonly at: string;
}

/** A kind of schedule that the application brings along (option `scheduleTypes`). */
export interface CustomSpec {
  readonly kind: 'custom';
  /** Name in `scheduleTypes`. */
  readonly type: string;
  /** Handed to it; plain JSON. */
  readonly value: unknown;
  readonly timezone?: string | undefined;
}

/** A schedule as data: plain JSON, kept in the ledger. Made by `every`, `crontab`, `cron`, `solar`, `once`, `customSchedule`. */
export type ScheduleSpec = EverySpec | CrontabSpec | CronSpec | SolarSpec | OnceSpec | CustomSpec;
