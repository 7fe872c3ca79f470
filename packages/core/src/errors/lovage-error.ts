/** Marks errors of this library across duplicate installs and module realms, where `instanceof` fails. */
const brand = Symbol.for('lovage.error');

/** Plain values that belong to an error: names, ids, numbers. Never payloads, headers or connection strings. */
export type ErrorDetails = object;

/**
 * Base of every error that this library throws. Test with {@link isLovageError} and the code, not with `instanceof`
 * and never by message text: texts may be improved at any time, codes are never reused.
 */
export class LovageError<Details extends ErrorDetails = ErrorDetails> extends Error {
  readonly [brand] = true;
  /** Stable code such as `LOVAGE_TASK_UNKNOWN`; the list is in docs/errors.md. */
  readonly code: string;
  /** The values that the message shows, for programs. */
  readonly details: Details;

  constructor(code: string, message: string, details: Details, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LovageError';
    this.code = code;
    this.details = details;
  }
}

/** Whether `error` comes from this library and, where `code` is given, carries that code. */
export function isLovageError(error: unknown, code?: string): error is LovageError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  return code === undefined || (error as LovageError).code === code;
}
