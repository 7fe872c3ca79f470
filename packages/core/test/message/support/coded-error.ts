import { isLovageError, type LovageError } from '../../../src/errors/lovage-error.js';

/** Runs what must throw, and gives the error; anything but a coded error fails the test. */
export function codedError(run: () => unknown): LovageError {
  try {
    run();
  } catch (error) {
    if (isLovageError(error)) return error;
    throw error;
  }
  throw new Error('it threw nothing');
}

/** The code of the error, or "no error"; any other error fails the test. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    if (isLovageError(error)) return error.code;
    throw error;
  }
}
