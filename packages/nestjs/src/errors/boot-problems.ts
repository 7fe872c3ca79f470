import { isLovageError } from '@lovage/core';
import { TASKS_INVALID } from './nest-errors.js';

/** Collects what is wrong at start, so that all of it is told at once. */
export class BootProblems {
  private readonly found: (Error & { readonly code: string })[] = [];

  /** Keeps a coded error; throws any other on, since it is no problem that a user of the library can read. */
  add(error: unknown): void {
    if (!isLovageError(error)) throw error;
    this.found.push(error);
  }

  /**
   * Does nothing when all is well.
   *
   * @throws the problem itself when there is one, LOVAGE_TASKS_INVALID with all of them when there are several
   */
  throwIfAny(): void {
    const [first, ...others] = this.found;
    if (first === undefined) return;
    this.found.length = 0;
    if (others.length === 0) throw first;
    throw TASKS_INVALID.create({
      problems: [first, ...others].map(({ code, message }) => ({ code, message })),
    });
  }
}
