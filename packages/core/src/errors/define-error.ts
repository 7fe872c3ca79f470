import { type ErrorDetails, isLovageError, LovageError } from './lovage-error.js';
import { shownDetails } from './shown-details.js';

/** One row of the error catalogue: makes errors of one code and recognises them. */
export interface ErrorDefinition<Details extends ErrorDetails> {
  readonly code: string;
  /** One sentence for the catalogue page: when it is thrown. */
  readonly summary: string;
  /** Makes the error; `cause` is kept for the log. */
  create(details: Details, cause?: unknown): LovageError<Details>;
  /** Whether `error` has this code. */
  is(error: unknown): error is LovageError<Details>;
}

/**
 * Declares an error of the catalogue.
 *
 * @param message says what happened, with the values, and what to do next; it is given the texts of the details as one line each
 */
export function defineError<Details extends ErrorDetails>(
  code: `LOVAGE_${Uppercase<string>}`,
  summary: string,
  message: (details: Details) => string,
): ErrorDefinition<Details> {
  return {
    code,
    summary,
    create: (details, cause) =>
      new LovageError(
        code,
        message(shownDetails(details)),
        details,
        cause === undefined ? undefined : { cause },
      ),
    is: (error): error is LovageError<Details> => isLovageError(error, code),
  };
}
