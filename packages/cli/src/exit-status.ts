import { isLovageError } from '@lovage/core';

/** How a command ends; the numbers are those of sysexits.h where it has one, as with Celery. */
export const exitStatus = {
  /** All that was begun has ended, or had not begun and went back to its queue. */
  ok: 0,
  /** It could not start. */
  failed: 1,
  /** Wrong use: an unknown option, a value that can not be. */
  usage: 64,
  /** A store could not be reached at the start. */
  unavailable: 69,
  /** It did not end by its deadline. */
  software: 70,
  /** Tasks were cut; their messages went back to their queues. */
  cut: 75,
} as const;

const unreachable: ReadonlySet<string> = new Set(['LOVAGE_STORE_UNREACHABLE', 'LOVAGE_DEADLINE_PASSED']);
const wrongUse: ReadonlySet<string> = new Set(['LOVAGE_OPTION_INVALID', 'LOVAGE_APP_FILE_MISSING']);

/** The status of a start that failed. */
export function statusOfFailure(error: unknown): number {
  if (!isLovageError(error)) return exitStatus.failed;
  if (unreachable.has(error.code)) return exitStatus.unavailable;
  return wrongUse.has(error.code) ? exitStatus.usage : exitStatus.failed;
}
