/** When something is due, again and again. Pure: the same questions get the same answers, in every process. */
export interface Schedule {
  /**
   * The first time after `afterMs` (milliseconds since 1970 UTC), or `undefined` when there is none.
   *
   * @param fromMs when the schedule began to count: intervals are counted from here, other kinds pay no heed to it
   */
  next(afterMs: number, fromMs: number): number | undefined;
}

/**
 * The latest time that is due after `afterMs` and not after `nowMs`; `undefined` when there is none. Costs little also when
 * much was missed: it looks back in growing steps, and never goes over all that lies between.
 */
export function latestDue(
  schedule: Schedule,
  afterMs: number,
  nowMs: number,
  fromMs: number,
): number | undefined {
  let found: number | undefined;
  for (let stepMs = 1000; found === undefined; stepMs *= 4) {
    const start = Math.max(afterMs, nowMs - stepMs);
    found = schedule.next(start, fromMs);
    // Later than now, or never again: the latest lies further back.
    if (found !== undefined && found > nowMs) found = undefined;
    if (start === afterMs) break;
  }
  if (found === undefined) return undefined;
  for (let next = schedule.next(found, fromMs); next !== undefined && next <= nowMs; ) {
    found = next;
    next = schedule.next(found, fromMs);
  }
  return found;
}
