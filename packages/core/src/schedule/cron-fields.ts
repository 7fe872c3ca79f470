/** The values of a crontab that match, each list in order. */
export interface CronFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 (Sunday) to 6. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether a day must match both lists of days, or one of them. */
  readonly days: 'both' | 'either';
}

const dayMs = 86_400_000;
/** 29 February on a given weekday comes within 40 years, also over a century that has none. */
const mostYears = 41;

/** Whether it runs in each hour of the day. */
export const runsEveryHour = ({ hours }: CronFields): boolean => hours.length === 24;

/**
 * The first local time after `afterMs` that matches; local times are written as the milliseconds that UTC would show so.
 * `undefined`: never.
 */
export function nextMatch(fields: CronFields, afterMs: number): number | undefined {
  const startMs = Math.floor(afterMs / 1000) * 1000 + 1000;
  const start = new Date(startMs);
  let dayStart = Math.floor(startMs / dayMs) * dayMs;
  let fromSecond = (startMs - dayStart) / 1000;
  const lastYear = start.getUTCFullYear() + mostYears;
  for (;;) {
    const day = new Date(dayStart);
    const year = day.getUTCFullYear();
    if (year > lastYear) return undefined;
    if (!fields.months.has(day.getUTCMonth() + 1)) {
      dayStart = Date.UTC(year, day.getUTCMonth() + 1, 1);
      fromSecond = 0;
      continue;
    }
    if (dayMatches(fields, day)) {
      const second = timeOfDay(fields, fromSecond);
      if (second !== undefined) return dayStart + second * 1000;
    }
    dayStart += dayMs;
    fromSecond = 0;
  }
}

function dayMatches({ daysOfMonth, daysOfWeek, days }: CronFields, day: Date): boolean {
  const ofMonth = daysOfMonth.has(day.getUTCDate());
  const ofWeek = daysOfWeek.has(day.getUTCDay());
  return days === 'both' ? ofMonth && ofWeek : ofMonth || ofWeek;
}

/** The first matching second of a day from `from` on. */
function timeOfDay({ hours, minutes, seconds }: CronFields, from: number): number | undefined {
  const [hour, minute, second] = [Math.floor(from / 3600), Math.floor(from / 60) % 60, from % 60];
  const [firstMinute = 0, firstSecond = 0] = [minutes[0], seconds[0]];
  for (const h of hours) {
    if (h < hour) continue;
    if (h > hour) return h * 3600 + firstMinute * 60 + firstSecond;
    for (const m of minutes) {
      if (m < minute) continue;
      if (m > minute) return h * 3600 + m * 60 + firstSecond;
      const s = seconds.find((one) => one >= second);
      if (s !== undefined) return h * 3600 + m * 60 + s;
    }
  }
  return undefined;
}
