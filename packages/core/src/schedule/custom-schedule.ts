import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import type { Schedule } from './schedule.js';
import type { CustomSpec } from './schedule-spec.js';
import { shownValue } from './shown-value.js';

/** What a kind of schedule of the application's own is asked. */
export interface CustomQuestion {
  /** What the entry gave to `customSchedule`. */
  readonly value: unknown;
  /** IANA name. */
  readonly timezone: string;
  /** When the schedule began to count. */
  readonly from: Date;
}

/**
 * A kind of schedule: gives the first time after `after`, or nothing when there is none. Must be quick, and give the same
 * answer to the same question in every process, since the answer names the tick.
 */
export type ScheduleType = (after: Date, question: CustomQuestion) => Date | undefined;

/** Kinds of schedules of the application's own, by name. */
export type ScheduleTypes = Readonly<Record<string, ScheduleType>>;

/**
 * A schedule of a kind that the application brings along (option `scheduleTypes`), which every beat must know.
 *
 * @param value plain JSON, handed to it
 */
export function customSchedule(
  type: string,
  value: unknown = null,
  options: { readonly timezone?: string } = {},
): CustomSpec {
  const { timezone } = options;
  return { kind: 'custom', type, value, ...(timezone === undefined ? {} : { timezone }) };
}

export class Custom implements Schedule {
  constructor(
    private readonly spec: CustomSpec,
    private readonly type: ScheduleType,
    private readonly timezone: string,
  ) {}

  /** @throws LOVAGE_SCHEDULE_INVALID when the answer is no date after the one that was asked about */
  next(afterMs: number, fromMs: number): number | undefined {
    const { value } = this.spec;
    const next = this.type(new Date(afterMs), { value, timezone: this.timezone, from: new Date(fromMs) });
    if (next === undefined || next === null) return undefined;
    const ms = next instanceof Date ? next.getTime() : Number.NaN;
    if (ms > afterMs) return ms;
    throw SCHEDULE_INVALID.create({
      what: `the schedule type "${this.spec.type}"`,
      problem: `expected a date after ${new Date(afterMs).toISOString()}, or undefined`,
      got: shownValue(next),
    });
  }
}
