import type { SignatureJson } from '../message/signature-json.js';

const brand = Symbol.for('lovage.signal');

/** What a task throws to end with an outcome that is neither success nor failure. */
abstract class OutcomeSignal extends Error {
  abstract readonly [brand]: string;
}

/** What the message of the next attempt has in place of what this one has. */
export interface RetryOverrides {
  readonly args?: readonly unknown[] | undefined;
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  readonly expires?: Date | undefined;
  readonly priority?: number | undefined;
}

const nothingElse: RetryOverrides = {};

/** Sends the task again. Made by `task.retry()`. */
export class Retry extends OutcomeSignal {
  readonly [brand] = 'retry';
  override readonly name = 'Retry';

  /**
   * @param error why
   * @param notBeforeMs when the next attempt may start: milliseconds since 1970 UTC
   */
  constructor(
    readonly error: unknown,
    readonly notBeforeMs: number,
    readonly overrides: RetryOverrides = nothingElse,
  ) {
    super('the task asks for a retry');
  }
}

/** Ends the run without a result: the message is acknowledged, the state is IGNORED, nothing is stored. */
export class Ignore extends OutcomeSignal {
  readonly [brand] = 'ignore';
  override readonly name = 'Ignore';

  constructor(reason = 'the task ignored its message') {
    super(reason);
  }
}

/** Rejects the message: it is delivered again with `requeue`, else parked where an operator sees it. */
export class Reject extends OutcomeSignal {
  readonly [brand] = 'reject';
  override readonly name = 'Reject';
  readonly requeue: boolean;

  constructor(reason = 'the task rejected its message', options: { readonly requeue?: boolean } = {}) {
    super(reason);
    this.requeue = options.requeue ?? false;
  }
}

/** Lets another signature take the place of this task. Made by `task.replace()`. */
export class Replace extends OutcomeSignal {
  readonly [brand] = 'replace';
  override readonly name = 'Replace';

  constructor(readonly signature: SignatureJson) {
    super('the task asks to be replaced; throw what task.replace() returns');
  }
}

const kindOf = (value: unknown): string | undefined => {
  try {
    return typeof value === 'object' && value !== null
      ? ((value as Record<symbol, unknown>)[brand] as string | undefined)
      : undefined;
  } catch {
    // A hostile object may throw when it is looked at.
    return undefined;
  }
};

export const isRetry = (value: unknown): value is Retry => kindOf(value) === 'retry';
export const isIgnore = (value: unknown): value is Ignore => kindOf(value) === 'ignore';
export const isReplace = (value: unknown): value is Replace => kindOf(value) === 'replace';
export const isReject = (value: unknown): value is Reject => kindOf(value) === 'reject';
