import { type CronFields, nextMatch, runsEveryHour } from './cron-fields.js';
import type { Schedule } from './schedule.js';
import type { Zone, ZoneSegment } from './zone.js';

/** No clock is further ahead of UTC. */
const mostAheadMs = 15 * 3_600_000;

/**
 * A crontab by the clocks of a zone.
 *
 * - Local times that are skipped are due once, at the moment of the change: 02:30 at 03:00, when 02:00 became 03:00.
 * - A local time that comes twice is due the first time.
 * - A schedule that runs in every hour of the day is meant as "every so many minutes": what is skipped is skipped, and what
 *   comes twice is due twice. It would stand still for an hour otherwise.
 */
export class ZonedCron implements Schedule {
  private readonly runsEveryHour: boolean;

  constructor(
    private readonly fields: CronFields,
    private readonly zone: Zone,
  ) {
    this.runsEveryHour = runsEveryHour(fields);
  }

  next(afterMs: number): number | undefined {
    for (let fromMs = afterMs + 1; ; ) {
      const segment = this.zone.segmentAt(fromMs);
      const regular = this.regular(segment, fromMs);
      if (regular === undefined) return undefined;
      const skipped = this.skipped(segment, fromMs);
      const first = skipped !== undefined && skipped < regular ? skipped : regular;
      if (first < segment.endMs) return first;
      // Nothing matches before this local time, wherever the clocks go: what lies between need not be looked at.
      fromMs = Math.max(segment.endMs, regular + segment.offsetMs - mostAheadMs);
    }
  }

  /** The first match by the clock of the segment; it may lie beyond its end. */
  private regular({ startMs, offsetMs, previousOffsetMs }: ZoneSegment, fromMs: number): number | undefined {
    const from = Math.max(fromMs, startMs) + offsetMs - 1;
    // Local times before this came already, by the clock before the change.
    const repeatedUntil = startMs + previousOffsetMs;
    const after = this.runsEveryHour || from >= repeatedUntil ? from : repeatedUntil - 1;
    const local = nextMatch(this.fields, after);
    return local === undefined ? undefined : local - offsetMs;
  }

  /** The moment of the change, where something matches that was skipped by it. */
  private skipped({ startMs, offsetMs, previousOffsetMs }: ZoneSegment, fromMs: number): number | undefined {
    if (this.runsEveryHour || offsetMs <= previousOffsetMs || startMs < fromMs) return undefined;
    const local = nextMatch(this.fields, startMs + previousOffsetMs - 1);
    return local === undefined || local >= startMs + offsetMs ? undefined : startMs;
  }
}
