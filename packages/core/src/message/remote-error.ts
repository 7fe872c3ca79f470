import { LovageError } from '../errors/lovage-error.js';
import { TASK_FAILED } from '../errors/task-errors.js';
import { errorLimits } from './error-limits.js';
import { reprOfArgs } from './python-repr.js';

/** Marks remote errors across duplicate installs and module realms, where `instanceof` fails. */
const brand = Symbol.for('lovage.remote-error');

/** What a program can ask of the error's details. */
export type RemoteErrorDetails = { readonly type: string; readonly module: string | undefined };

/** What a {@link RemoteError} is made from. */
export interface RemoteErrorFields {
  readonly type: string;
  readonly module: string | undefined;
  readonly args: readonly unknown[];
  /** Default: made from the arguments. */
  readonly message: string | undefined;
  readonly remoteStack: string | undefined;
  readonly remoteCode: string | undefined;
  readonly cause: RemoteError | undefined;
}

/**
 * The error with which a task failed in its worker, in whatever language that was. Its `name` is the class of that error
 * and its `stack` the one of the worker; nothing of it is looked up or executed here.
 */
export class RemoteError extends LovageError<RemoteErrorDetails> {
  readonly [brand] = true;
  /** Class name of the error, such as `ValueError`. */
  readonly type: string;
  /** Python module of the class; `undefined` for errors of JavaScript. */
  readonly module: string | undefined;
  /** Arguments of the error: its message, in most cases. */
  readonly args: readonly unknown[];
  /** Stack or traceback as the worker wrote it. */
  readonly remoteStack: string | undefined;
  /** Code of the error, such as `LOVAGE_ARGUMENTS_INVALID` or `ECONNREFUSED`. */
  readonly remoteCode: string | undefined;
  declare readonly cause: RemoteError | undefined;

  constructor({ type, module, args, remoteStack, remoteCode, cause, ...given }: RemoteErrorFields) {
    const message = given.message ?? messageOf(args);
    super(TASK_FAILED.code, message, { type, module }, cause === undefined ? undefined : { cause });
    this.name = type;
    this.type = type;
    this.module = module;
    this.args = args;
    this.remoteStack = remoteStack;
    this.remoteCode = remoteCode;
    const title = message === '' ? type : `${type}: ${message}`;
    this.stack =
      remoteStack?.startsWith(title) === true ? remoteStack : [title, remoteStack].filter(Boolean).join('\n');
  }
}

export function isRemoteError(error: unknown): error is RemoteError {
  try {
    return typeof error === 'object' && error !== null && brand in error;
  } catch {
    // A proxy may throw when it is asked.
    return false;
  }
}

/** One text is the message; other arguments are shown as Python shows them. */
function messageOf(args: readonly unknown[]): string {
  if (args.length === 0) return '';
  return args.length === 1 && typeof args[0] === 'string' ? args[0] : reprOfArgs(args);
}

/**
 * Makes an error from the one in a result document. Whatever stands there gives an error: other writers may leave null or
 * text.
 *
 * @param traceback of the document
 */
export function errorFromJson(json: unknown, traceback?: string | null): RemoteError {
  return fromJson(json, traceback ?? undefined, errorLimits.causes);
}

function fromJson(json: unknown, stack: string | undefined, causes: number): RemoteError {
  const fields = (typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}) as Readonly<
    Record<string, unknown>
  >;
  const details = objectOr(fields['lovage']);
  const cause = details['cause'];
  return new RemoteError({
    type: textOr(fields['exc_type']) || 'Error',
    module: textOr(fields['exc_module']) || undefined,
    args: argsOf(json, fields),
    message: textOr(details['message']),
    remoteStack: stack ?? textOr(details['stack']),
    remoteCode: textOr(details['code']),
    cause:
      cause === undefined || cause === null || causes === 0
        ? undefined
        : fromJson(cause, undefined, causes - 1),
  });
}

function argsOf(json: unknown, fields: Readonly<Record<string, unknown>>): readonly unknown[] {
  const message = fields['exc_message'];
  if (Array.isArray(message)) return message as unknown[];
  if (message !== undefined && message !== null) return [message];
  if (fields['exc_type'] !== undefined) return [];
  if (json === null || json === undefined) return ['the worker stored no error'];
  return [typeof json === 'string' ? json : reprOfArgs([json])];
}

const textOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const objectOr = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
