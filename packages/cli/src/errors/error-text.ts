import { isLovageError } from '@lovage/core';

/** An error as a command tells it: what is coded says enough, of others the stack helps. */
export function errorText(error: unknown): string {
  if (isLovageError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
