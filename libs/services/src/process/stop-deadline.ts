/**
 * Until when something may take. The `Deadline` of @lovage/core fits; this package has no dependency on core, so that
 * the tests of core's own lowest rooms can use it.
 */
export interface StopDeadline {
  /** Milliseconds left, never below 0. */
  leftMs(): number;
}

/** A deadline `ms` from now, on the monotonic clock. */
export function deadlineIn(ms: number): StopDeadline {
  const at = performance.now() + ms;
  return { leftMs: () => Math.max(0, at - performance.now()) };
}
