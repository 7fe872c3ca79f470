import { celeryException } from './celery-exceptions.js';
import { errorLimits, shortened } from './error-limits.js';
import { isRemoteError, type RemoteError } from './remote-error.js';
import type { ErrorExtras, ErrorJson } from './result-record.js';
import { lookAt, type ThrownValue } from './thrown-value.js';

/**
 * Writes anything that was thrown as an error of a result document: class, message, code, and the chain of causes with
 * their stacks, all of bounded size. A RemoteError is passed on as the error that it stands for. Never throws.
 */
export function errorToJson(error: unknown): ErrorJson {
  return toJson(error, new Set(), true);
}

/** Text for the traceback of a result document: the stack, and those of the causes. Never throws. */
export function tracebackOf(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let length = 0;
  for (let present = error; parts.length <= errorLimits.causes && length < errorLimits.stack; ) {
    seen.add(present);
    const { type, message, stack, cause } = lookAt(present);
    const text = (isRemoteError(present) ? present.remoteStack : undefined) ?? stack ?? `${type}: ${message}`;
    parts.push(text);
    length += text.length;
    if (cause === undefined || cause === null || seen.has(cause)) break;
    present = cause;
  }
  return shortened(parts.join('\ncaused by: '), errorLimits.stack);
}

function toJson(error: unknown, seen: Set<unknown>, isFirst: boolean): ErrorJson {
  seen.add(error);
  const thrown = lookAt(error);
  const { cause } = thrown;
  const isChained =
    cause !== undefined && cause !== null && !seen.has(cause) && seen.size <= errorLimits.causes;
  const { type, module, args, message, code, stack } = isRemoteError(error)
    ? remoteParts(error)
    : localParts(error, thrown);
  const extras: ErrorExtras = {
    ...(code === undefined || code === '' ? undefined : { code: shortened(code, errorLimits.code) }),
    ...(message === undefined ? undefined : { message }),
    ...(isFirst || stack === undefined ? undefined : { stack: shortened(stack, errorLimits.causeStack) }),
    ...(isChained ? { cause: toJson(cause, seen, false) } : undefined),
  };
  const fields = { exc_type: type, exc_message: args, exc_module: module };
  return Object.keys(extras).length === 0 ? fields : { ...fields, lovage: extras };
}

interface ErrorParts {
  readonly type: string;
  readonly module: string | null;
  readonly args: readonly unknown[];
  /** Where it is not in `args`. */
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly stack: string | undefined;
}

function localParts(error: unknown, { type, message, code, stack }: ThrownValue): ErrorParts {
  const text = shortened(message, errorLimits.message);
  const exception = celeryException(error);
  if (exception !== undefined) return { ...exception, message: text, code, stack };
  return { type: className(type), module: null, args: [text], message: undefined, code, stack };
}

/** The error of another worker is passed on as it came. */
function remoteParts({ type, module, args, message, remoteCode, remoteStack }: RemoteError): ErrorParts {
  const isInArgs = args.length === 1 && args[0] === message;
  return {
    type,
    module: module ?? null,
    args,
    message: isInArgs ? undefined : shortened(message, errorLimits.message),
    code: remoteCode,
    stack: remoteStack,
  };
}

/** Python makes a class of this name, and takes points for a path. */
const className = (type: string): string =>
  type.replaceAll(/[^\w$]+/g, '_').slice(0, errorLimits.name) || 'Error';
