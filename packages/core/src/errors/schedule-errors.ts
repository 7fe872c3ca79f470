import { defineError } from './define-error.js';

export const SCHEDULE_INVALID = defineError<{
  /** The part of a schedule, such as `crontab minute`, or the name of an entry. */
  readonly what: string;
  readonly problem: string;
  readonly got: string;
}>(
  'LOVAGE_SCHEDULE_INVALID',
  'A schedule, or the entry of a periodic task, makes no sense or can not be kept.',
  (d) => `${d.what}: ${d.problem}; got ${d.got}.`,
);

export const SCHEDULE_UNKNOWN = defineError<{ readonly schedule: string; readonly beat: string }>(
  'LOVAGE_SCHEDULE_UNKNOWN',
  'There is no schedule of this name.',
  (d) =>
    `there is no schedule "${d.schedule}" of the beat "${d.beat}". List the schedules, or correct the name.`,
);

export const SCHEDULE_DUPLICATE = defineError<{ readonly schedule: string }>(
  'LOVAGE_SCHEDULE_DUPLICATE',
  'A schedule of this name is there already.',
  (d) => `there is a schedule "${d.schedule}" already. Change it, or give the new one another name.`,
);

export const SCHEDULE_DECLARED = defineError<{ readonly schedule: string }>(
  'LOVAGE_SCHEDULE_DECLARED',
  'A schedule that the code declares can not be deleted: the next start would bring it back.',
  (d) => `the schedule "${d.schedule}" is declared in code. Pause it, or take it out of the code.`,
);

export const SCHEDULE_CONFLICT = defineError<{ readonly schedule: string; readonly attempts: number }>(
  'LOVAGE_SCHEDULE_CONFLICT',
  'Others changed a schedule again and again while it was being changed.',
  (d) =>
    `the schedule "${d.schedule}" was changed by others ${d.attempts} times meanwhile; nothing was changed. Try again.`,
);

export const TICK_FAILED = defineError<{
  readonly schedule: string;
  readonly due: string;
  readonly problem: string;
}>(
  'LOVAGE_TICK_FAILED',
  'A periodic task could not be sent; told, not thrown.',
  (d) => `the schedule "${d.schedule}", due ${d.due}: ${d.problem}`,
);

export const scheduleErrors = [
  SCHEDULE_INVALID,
  SCHEDULE_UNKNOWN,
  SCHEDULE_DUPLICATE,
  SCHEDULE_DECLARED,
  SCHEDULE_CONFLICT,
  TICK_FAILED,
];
