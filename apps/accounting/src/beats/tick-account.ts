/** A tick that should have been sent. */
export interface ExpectedTick {
  readonly schedule: string;
  readonly taskId: string;
  readonly dueMs: number;
}

/** A message that came. */
export interface SeenTick {
  readonly taskId: string;
  readonly atMs: number;
}

export interface TickAccount {
  readonly ticks: number;
  readonly duplicated: readonly string[];
  readonly missed: readonly ExpectedTick[];
  /** Ids that belong to no tick. */
  readonly unexpected: readonly string[];
  /** Longest time from a tick to its message; 0 where there is none. */
  readonly latestMs: number;
}

/** No tick may be later. */
export const boundMs = 15_000;

/** Compares what should have come with what came. Ticks after the end may have come, too: `later` has them. */
export function accountForTicks(
  expected: readonly ExpectedTick[],
  seen: readonly SeenTick[],
  later: ReadonlySet<string>,
): TickAccount {
  const times = new Map<string, number[]>();
  for (const { taskId, atMs } of seen) times.set(taskId, [...(times.get(taskId) ?? []), atMs]);
  const known = new Set(expected.map(({ taskId }) => taskId));
  const lateness = expected.flatMap(({ taskId, dueMs }) =>
    (times.get(taskId) ?? []).slice(0, 1).map((atMs) => atMs - dueMs),
  );
  return {
    ticks: expected.length,
    duplicated: [...times].filter(([, all]) => all.length > 1).map(([taskId]) => taskId),
    missed: expected.filter(({ taskId }) => !times.has(taskId)),
    unexpected: [...times.keys()].filter((taskId) => !known.has(taskId) && !later.has(taskId)),
    latestMs: lateness.reduce((most, one) => Math.max(most, one), 0),
  };
}

export const tickVerdict = ({ ticks, duplicated, missed, latestMs }: TickAccount): string =>
  `ticks ${ticks} duplicated ${duplicated.length} missed ${missed.length} latest ${Math.round(latestMs)} ms`;

export const holds = ({ ticks, duplicated, missed, unexpected, latestMs }: TickAccount): boolean =>
  ticks > 0 &&
  duplicated.length === 0 &&
  missed.length === 0 &&
  unexpected.length === 0 &&
  latestMs <= boundMs;
