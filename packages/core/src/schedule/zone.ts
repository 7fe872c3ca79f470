import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import { shownValue } from './shown-value.js';

/** A stretch of time in which the clocks of a zone keep one distance from UTC. */
export interface ZoneSegment {
  readonly startMs: number;
  /** Belongs to the next segment. */
  readonly endMs: number;
  /** Local time less UTC, in milliseconds. */
  readonly offsetMs: number;
  /** Offset before `startMs`; the same where a year begins. */
  readonly previousOffsetMs: number;
}

const dayMs = 86_400_000;
/** No zone has changed its clocks twice within so short a time since 1970. */
const sampleMs = 5 * dayMs;

const zones = new Map<string, Zone>();

/** An IANA time zone, as the tables of the JavaScript engine have it. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;
  private readonly years = new Map<number, readonly ZoneSegment[]>();

  private constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** @throws LOVAGE_SCHEDULE_INVALID for a name that is no zone */
  static of(name: string): Zone {
    let zone = zones.get(name);
    if (zone === undefined) {
      try {
        zone = new Zone(name);
      } catch (error) {
        throw SCHEDULE_INVALID.create(
          {
            what: 'timezone',
            problem: 'expected an IANA name such as "Europe/Berlin" or "UTC"',
            got: shownValue(name),
          },
          error,
        );
      }
      zones.set(name, zone);
    }
    return zone;
  }

  /** The segment in which an instant lies. */
  segmentAt(ms: number): ZoneSegment {
    const segments = this.segmentsOf(new Date(ms).getUTCFullYear());
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((segments[middle] as ZoneSegment).startMs <= ms) low = middle;
      else high = middle - 1;
    }
    return segments[low] as ZoneSegment;
  }

  /** Local time, as milliseconds that UTC would show so. */
  local(ms: number): number {
    return ms + this.segmentAt(ms).offsetMs;
  }

  /** The first instant of the local day that has begun `days` days after the one in which `ms` lies. */
  startOfDay(ms: number, days = 0): number {
    const midnight = Math.floor(this.local(ms) / dayMs) * dayMs + days * dayMs;
    // Offsets are less than a day, so it begins in the segment of this moment or in one that follows soon.
    let segment = this.segmentAt(midnight - dayMs);
    while (midnight - segment.offsetMs >= segment.endMs) segment = this.segmentAt(segment.endMs);
    // Where midnight was skipped, the day begins with the change.
    return Math.max(segment.startMs, midnight - segment.offsetMs);
  }

  private segmentsOf(year: number): readonly ZoneSegment[] {
    let segments = this.years.get(year);
    if (segments === undefined) {
      segments = this.read(Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1));
      this.years.set(year, segments);
    }
    return segments;
  }

  private read(fromMs: number, toMs: number): readonly ZoneSegment[] {
    const segments: ZoneSegment[] = [];
    let startMs = fromMs;
    let offsetMs = this.offsetAt(fromMs);
    let previousOffsetMs = this.offsetAt(fromMs - 1);
    for (let at = fromMs; at < toMs; ) {
      const next = Math.min(toMs, at + sampleMs);
      // The last millisecond of the year: what changes with the new year belongs to it.
      const there = this.offsetAt(next === toMs ? toMs - 1 : next);
      if (there !== offsetMs) {
        const changeMs = this.changeBetween(at, next, offsetMs);
        segments.push({ startMs, endMs: changeMs, offsetMs, previousOffsetMs });
        [startMs, previousOffsetMs, offsetMs] = [changeMs, offsetMs, there];
      }
      at = next;
    }
    segments.push({ startMs, endMs: toMs, offsetMs, previousOffsetMs });
    return segments;
  }

  /** The first second with another offset. */
  private changeBetween(fromMs: number, toMs: number, offsetMs: number): number {
    let [low, high] = [fromMs / 1000, toMs / 1000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle * 1000) === offsetMs) low = middle;
      else high = middle;
    }
    return high * 1000;
  }

  private offsetAt(ms: number): number {
    const seconds = Math.floor(ms / 1000) * 1000;
    const parts: Record<string, number> = {};
    let before = false;
    for (const { type, value } of this.format.formatToParts(seconds)) {
      if (type === 'era') before = value.startsWith('B');
      else parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(before ? 1 - year : year, month - 1, day, hour, minute, second) - seconds;
  }
}
