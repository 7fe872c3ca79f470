import type { ScheduleSpec } from '../schedule/schedule-spec.js';

/** Cron's own bound: a clock that is set back by more than this was wrong before. */
export const correctionMs = 3 * 3_600_000;

/**
 * Whether a schedule begins anew, since its last tick lies too far ahead: the clock was set back meanwhile, and it would stand still until
 * that time comes again.
 *
 * - An interval begins anew as soon as it would wait longer than it takes.
 * - What goes by the clock waits, so that no time of day comes twice, unless the clock was more than three hours ahead.
 * - What is due once was due once.
 *
 * @param untilMs ticks until here have been dealt with
 */
export function beginsAnew(spec: ScheduleSpec, untilMs: number, nowMs: number): boolean {
  const aheadMs = untilMs - nowMs;
  if (spec.kind === 'once') return false;
  if (spec.kind === 'every' && spec.aligned !== true) return aheadMs > spec.seconds * 1000;
  return aheadMs > correctionMs;
}
