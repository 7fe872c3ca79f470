import { type Duration, durationMs } from '../clock/duration.js';
import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import type { Schedule } from './schedule.js';
import type { EverySpec } from './schedule-spec.js';
import type { Zone } from './zone.js';

export interface EveryOptions {
  /**
   * Celery's `relative`: counted from when the schedule began, rounded down to the unit of the interval: an interval of
   * minutes is due at full minutes, one of days at midnight.
   */
  readonly relative?: boolean | undefined;
  /** Due at whole multiples of the interval since midnight; it must divide a day, or be whole days. */
  readonly aligned?: boolean | undefined;
  /** Whose midnight and whose hours. IANA name; default: the option `timezone` of the app. */
  readonly timezone?: string | undefined;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const shortestMs = 10;
/** A hundred years. */
const longestMs = 36_525 * dayMs;

/**
 * Every so often: `every(30)` (seconds), `every('10m')`. Counted from when the schedule began, so the first run is one
 * interval later, as in Celery.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function every(interval: Duration, options: EveryOptions = {}): EverySpec {
  const { relative, aligned, timezone } = options;
  const spec: EverySpec = {
    kind: 'every',
    seconds: durationMs(interval, 'every') / 1000,
    ...(relative === true ? { relative } : {}),
    ...(aligned === true ? { aligned } : {}),
    ...(timezone === undefined ? {} : { timezone }),
  };
  checkEvery(spec);
  return spec;
}

/** @throws LOVAGE_SCHEDULE_INVALID */
export function checkEvery({ seconds, relative, aligned }: EverySpec): void {
  const ms = Math.round(seconds * 1000);
  const refuse = (problem: string): never => {
    throw SCHEDULE_INVALID.create({ what: 'every', problem, got: `${seconds} s` });
  };
  if (!(ms >= shortestMs && ms <= longestMs)) refuse('expected 0.01 seconds to 100 years');
  if (relative === true && aligned === true) refuse('"relative" and "aligned" exclude each other');
  if (aligned === true && dayMs % ms !== 0 && ms % dayMs !== 0)
    refuse('an aligned interval must divide a day, or be whole days');
}

/** Intervals in elapsed time: a change of the clocks does not make one longer or shorter. */
export class Every implements Schedule {
  private readonly ms: number;

  constructor(
    private readonly spec: EverySpec,
    private readonly zone: Zone,
  ) {
    this.ms = Math.round(spec.seconds * 1000);
  }

  next(afterMs: number, fromMs: number): number {
    if (this.spec.aligned === true) return this.aligned(afterMs);
    const anchor = this.spec.relative === true ? this.rounded(fromMs) : fromMs;
    const passed = Math.max(0, Math.floor((afterMs - anchor) / this.ms));
    const next = anchor + (passed + 1) * this.ms;
    return next > afterMs ? next : next + this.ms;
  }

  private rounded(fromMs: number): number {
    if (this.ms >= dayMs) return this.zone.startOfDay(fromMs);
    const unit = this.ms >= hourMs ? hourMs : this.ms >= minuteMs ? minuteMs : 1000;
    const { offsetMs } = this.zone.segmentAt(fromMs);
    return Math.floor((fromMs + offsetMs) / unit) * unit - offsetMs;
  }

  private aligned(afterMs: number): number {
    if (this.ms > dayMs) return this.alignedDays(afterMs, this.ms / dayMs);
    const midnight = this.zone.startOfDay(afterMs);
    const tomorrow = this.zone.startOfDay(afterMs, 1);
    const next = midnight + (Math.floor((afterMs - midnight) / this.ms) + 1) * this.ms;
    return Math.min(next, tomorrow);
  }

  /** Days are counted from 1 January 1970. */
  private alignedDays(afterMs: number, days: number): number {
    const today = Math.floor(this.zone.local(afterMs) / dayMs);
    return this.zone.startOfDay(afterMs, days - (today % days));
  }
}
