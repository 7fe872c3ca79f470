import { SCHEDULE_INVALID } from '../errors/schedule-errors.js';
import type { Schedule } from './schedule.js';
import type { OnceSpec } from './schedule-spec.js';

/**
 * Once, at a date.
 *
 * @throws LOVAGE_SCHEDULE_INVALID
 */
export function once(at: Date | string): OnceSpec {
  const spec: OnceSpec = {
    kind: 'once',
    at: at instanceof Date && !Number.isNaN(at.getTime()) ? at.toISOString() : String(at),
  };
  readOnce(spec);
  return spec;
}

/** A date without an offset would mean another moment on each machine. */
const withOffset = /T.*(Z|[+-]\d\d:?\d\d)$/;

/** @throws LOVAGE_SCHEDULE_INVALID */
function readOnce({ at }: OnceSpec): number {
  const ms = withOffset.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw SCHEDULE_INVALID.create({
    what: 'once',
    problem: 'expected a date and time with its offset, such as "2026-03-01T08:00:00+01:00"',
    got: JSON.stringify(at),
  });
}

export class Once implements Schedule {
  private readonly atMs: number;

  constructor(spec: OnceSpec) {
    this.atMs = readOnce(spec);
  }

  next(afterMs: number): number | undefined {
    return this.atMs > afterMs ? this.atMs : undefined;
  }
}
