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
  /** Its message said that somebody may have had it before. */
  readonly again?: boolean;
}

/** A tick whose message came too late. */
export interface LateTick extends ExpectedTick {
  readonly lateMs: number;
  readonly again: boolean;
}

export interface TickAccount {
  readonly ticks: number;
  readonly duplicated: readonly string[];
  readonly missed: readonly ExpectedTick[];
  /** Ids that belong to no tick. */
  readonly unexpected: readonly string[];
  /** Longest time from a tick to its message; 0 where there is none. */
  readonly latestMs: number;
  /** Later than the bound. */
  readonly late: readonly LateTick[];
}

/** No tick may be later. */
export const boundMs = 15_000;

/** Compares what should have come with what came. Ticks after the end may have come, too: `later` has them. */
export function accountForTicks(
  expected: readonly ExpectedTick[],
  seen: readonly SeenTick[],
  later: ReadonlySet<string>,
): TickAccount {
  const times = new Map<string, SeenTick[]>();
  for (const one of seen) times.set(one.taskId, [...(times.get(one.taskId) ?? []), one]);
  const known = new Set(expected.map(({ taskId }) => taskId));
  const came = expected.flatMap((tick) =>
    (times.get(tick.taskId) ?? [])
      .slice(0, 1)
      .map(({ atMs, again = false }): LateTick => ({ ...tick, lateMs: atMs - tick.dueMs, again })),
  );
  return {
    ticks: expected.length,
    duplicated: [...times].filter(([, all]) => all.length > 1).map(([taskId]) => taskId),
    missed: expected.filter(({ taskId }) => !times.has(taskId)),
    unexpected: [...times.keys()].filter((taskId) => !known.has(taskId) && !later.has(taskId)),
    latestMs: came.reduce((most, { lateMs }) => Math.max(most, lateMs), 0),
    late: came.filter(({ lateMs }) => lateMs > boundMs),
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
