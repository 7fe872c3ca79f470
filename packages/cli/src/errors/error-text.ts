import { isLovageError } from '@lovage/core';
import { APP_LOAD_FAILED } from './cli-errors.js';

/** An error as a command tells it: what is coded says enough, of others the stack helps. */
export function errorText(error: unknown): string {
  if (isLovageError(error)) {
    const text = `${error.code}: ${error.message}`;
    // Where in the application it was is known to its own error only.
    const { cause } = error;
    return error.code === APP_LOAD_FAILED.code && cause instanceof Error ? `${text}\n${cause.stack}` : text;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
