import { latestDue, type Schedule } from '../schedule/schedule.js';
import type { KeptMissed } from './schedule-record.js';

/** A tick later than this was missed; sooner ones are on their way (a leader that is replaced, a slow store). */
export const latenessMs = 15_000;
/** Most missed ticks that are sent at once. */
const mostMissed = 1000;

export interface TickQuestion {
  readonly schedule: Schedule;
  readonly missed: KeptMissed;
  /** From when intervals are counted. */
  readonly fromMs: number;
  /** Ticks until here have been dealt with. */
  readonly afterMs: number;
  readonly nowMs: number;
  /** How much later than its time a tick is sent. */
  readonly jitterOf: (dueMs: number) => number;
  readonly mostJitterMs: number;
}

export interface RipeTicks {
  /** To be sent, the earliest first. */
  readonly dues: readonly number[];
  /** Ticks until here have been dealt with then. */
  readonly untilMs: number;
}

/** Which ticks are to be sent now, by the rule for missed ones. */
export function ripeTicks(question: TickQuestion): RipeTicks {
  const { schedule, missed, fromMs, afterMs, nowMs, jitterOf, mostJitterMs } = question;
  const latest = latestRipe(question);
  if (latest === undefined) return { dues: [], untilMs: afterMs };
  if (missed === 'last') return { dues: [latest], untilMs: latest };
  if (missed === 'skip') {
    const inTime = nowMs - latest - jitterOf(latest) <= latenessMs;
    return { dues: inTime ? [latest] : [], untilMs: latest };
  }
  const dues: number[] = [];
  let due = schedule.next(Math.max(afterMs, nowMs - missed.allMs - mostJitterMs), fromMs);
  while (due !== undefined && due <= latest && dues.length < mostMissed) {
    dues.push(due);
    due = schedule.next(due, fromMs);
  }
  // What is left follows at once: it is due at a time that has passed.
  return { dues, untilMs: dues.at(-1) ?? latest };
}

/** The latest tick whose time, jitter included, has come; those that follow it wait, so that they keep their order. */
function latestRipe({
  schedule,
  fromMs,
  afterMs,
  nowMs,
  jitterOf,
  mostJitterMs,
}: TickQuestion): number | undefined {
  let ripe = latestDue(schedule, afterMs, nowMs - mostJitterMs, fromMs);
  if (mostJitterMs === 0) return ripe;
  let due = schedule.next(ripe ?? Math.max(afterMs, nowMs - mostJitterMs), fromMs);
  while (due !== undefined && due + jitterOf(due) <= nowMs) {
    ripe = due;
    due = schedule.next(due, fromMs);
  }
  return ripe;
}
