import type { ScheduleInfo } from '@lovage/core';

/** A schedule as JSON; dates as ISO 8601. */
export interface ScheduleView
  extends Omit<ScheduleInfo, 'nextRunAt' | 'lastRunAt' | 'hostQueue' | 'lastTaskId' | 'problem'> {
  readonly nextRunAt: string | null;
  readonly lastRunAt: string | null;
  readonly lastTaskId: string | null;
  /** Queue of each host, where it runs on every one. */
  readonly hostQueue: string | null;
  readonly problem: string | null;
}

export function scheduleView(info: ScheduleInfo): ScheduleView {
  return {
    ...info,
    nextRunAt: info.nextRunAt?.toISOString() ?? null,
    lastRunAt: info.lastRunAt?.toISOString() ?? null,
    lastTaskId: info.lastTaskId ?? null,
    hostQueue: info.hostQueue ?? null,
    problem: info.problem ?? null,
  };
}
