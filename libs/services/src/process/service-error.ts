/** What went wrong with a program that a test started. */
export type ServiceErrorCode =
  | 'PROGRAM_NOT_STARTED'
  | 'PROGRAM_EXITED'
  | 'PROGRAM_STOPPED'
  | 'PROGRAM_UNKNOWN'
  | 'PROGRAM_MISSING'
  | 'CONNECTION_LOST'
  | 'NOT_UNDERSTOOD'
  | 'WAITED_IN_VAIN';

/** Error of this package. Test with {@link ServiceError.code}, not with the text. */
export class ServiceError extends Error {
  constructor(
    readonly code: ServiceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ServiceError';
  }
}
