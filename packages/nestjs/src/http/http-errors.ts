import { type LovageError, isLovageError } from '@lovage/core';
import { HttpException, HttpStatus } from '@nestjs/common';

/** Body of every error answer. */
export interface TaskHttpError {
  readonly statusCode: number;
  /** Code of the catalogue, such as `LOVAGE_TASK_ID_UNKNOWN`. */
  readonly code: string;
  readonly message: string;
}

/** Statuses of errors that the endpoints meet; of others the application's own filters decide. */
const statuses: ReadonlyMap<string, HttpStatus> = new Map([
  ['LOVAGE_TASK_ID_UNKNOWN', HttpStatus.NOT_FOUND],
  ['LOVAGE_OPTION_INVALID', HttpStatus.BAD_REQUEST],
  ['LOVAGE_SCHEDULE_INVALID', HttpStatus.BAD_REQUEST],
  ['LOVAGE_SCHEDULE_UNKNOWN', HttpStatus.NOT_FOUND],
  ['LOVAGE_SCHEDULE_DUPLICATE', HttpStatus.CONFLICT],
  ['LOVAGE_SCHEDULE_DECLARED', HttpStatus.CONFLICT],
  ['LOVAGE_SCHEDULE_CONFLICT', HttpStatus.CONFLICT],
  ['LOVAGE_ARGUMENTS_INVALID', HttpStatus.BAD_REQUEST],
  ['LOVAGE_CAPABILITY_MISSING', HttpStatus.NOT_IMPLEMENTED],
  ['LOVAGE_SERVICE_STOPPED', HttpStatus.SERVICE_UNAVAILABLE],
  ['LOVAGE_DEADLINE_PASSED', HttpStatus.SERVICE_UNAVAILABLE],
]);

/** The HTTP answer for a coded error; any other error is given back as it is. */
export function httpError(error: unknown): unknown {
  if (!isLovageError(error)) return error;
  const statusCode = statuses.get(error.code);
  return statusCode === undefined
    ? error
    : new HttpException(bodyOf(error, statusCode), statusCode, { cause: error });
}

function bodyOf({ code, message }: LovageError, statusCode: number): TaskHttpError {
  return { statusCode, code, message };
}
