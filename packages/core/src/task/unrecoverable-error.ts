const brand = Symbol.for('lovage.unrecoverable');

/** A failure that no retry can mend: a task that throws it fails at once, whatever its `autoretryFor` says. */
export class UnrecoverableError extends Error {
  readonly [brand] = true;
  override readonly name: string = 'UnrecoverableError';
}

/** Across several installed copies of this package, too. */
export function isUnrecoverable(error: unknown): boolean {
  try {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[brand] === true;
  } catch {
    // A hostile object may throw when it is looked at.
    return false;
  }
}
