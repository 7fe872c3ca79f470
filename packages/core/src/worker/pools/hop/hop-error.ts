import { isLovageError, LovageError } from '../../../errors/lovage-error.js';
import { errorToJson } from '../../../message/error-json.js';
import { errorLimits, shortened } from '../../../message/error-limits.js';
import { errorFromJson, isRemoteError } from '../../../message/remote-error.js';
import type { ErrorJson } from '../../../message/result-record.js';
import { lookAt } from '../../../message/thrown-value.js';

/** An error between parent and child: as a result document has it and, where it is one of this library, what makes it again. */
export interface HopError {
  readonly json: ErrorJson;
  /** Its own; those of its causes are with them. */
  readonly stack?: string | undefined;
  readonly coded?:
    | {
        readonly code: string;
        readonly message: string;
        readonly details: object;
        readonly cause?: HopError | undefined;
      }
    | undefined;
}

/** Causes of an error that are made again as what they are; deeper ones are in the JSON of the whole. */
const codedCauses = 3;

/** Never throws. */
export function toHopError(error: unknown, causes: number = codedCauses): HopError {
  const stack = isRemoteError(error) ? error.remoteStack : lookAt(error).stack;
  return {
    json: errorToJson(error),
    stack: stack === undefined ? undefined : shortened(stack, errorLimits.stack),
    coded: codedOf(error, causes),
  };
}

/** An error of this library as itself; any other as the RemoteError that callers of a task see. */
export function fromHopError({ json, stack, coded }: HopError): Error {
  const remote = errorFromJson(json, stack);
  if (coded === undefined) return remote;
  const { code, message, details, cause } = coded;
  const options =
    cause === undefined ? remote.cause && { cause: remote.cause } : { cause: fromHopError(cause) };
  const error = new LovageError(code, message, details, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function codedOf(error: unknown, causes: number): HopError['coded'] {
  try {
    if (isRemoteError(error) || !isLovageError(error)) return undefined;
    const { code, message, details, cause } = error;
    // What JSON does not have in this form is for programs of the other side only: it goes without.
    const plain = JSON.parse(JSON.stringify(details)) as object;
    if (causes === 0 || !isLovageError(cause)) return { code, message, details: plain };
    return { code, message, details: plain, cause: toHopError(cause, causes - 1) };
  } catch {
    return undefined;
  }
}
