import type { SignatureJson } from '../message/signature-json.js';
import type { WallMs } from '../clock/clock.js';
import type { LovageError } from '../errors/lovage-error.js';
import type { ParkReason } from '../ports/settlement.js';
import { isIgnore, isReject, isReplace, isRetry, type Retry } from '../task/outcome-signals.js';

/** How one delivery ended. */
export type Outcome =
  /** `repeated`: it ended so before, and its result is stored. */
  | {
      readonly kind: 'succeeded';
      readonly value: unknown;
      readonly repeated?: true;
      /** What it had added to its chord then. */
      readonly added?: readonly SignatureJson[] | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly error: unknown;
      readonly repeated?: true;
      /** Its message was to be parked then, which may not have been done. */
      readonly parked?: ParkReason | undefined;
    }
  | { readonly kind: 'retried'; readonly retry: Retry }
  | { readonly kind: 'ignored' }
  /** Another signature takes its place, under its id. */
  | { readonly kind: 'replaced'; readonly signature: SignatureJson }
  | { readonly kind: 'rejected'; readonly reason: string; readonly requeue: boolean }
  /** Not run. */
  | { readonly kind: 'revoked'; readonly reason: 'revoked' | 'expired' | 'terminated' }
  /** Not run yet: its time has not come. */
  | { readonly kind: 'postponed'; readonly notBefore: WallMs }
  /** The child of the pool that ran it is gone: nobody knows how far it came. */
  | { readonly kind: 'lost'; readonly error: LovageError }
  /** Cut for a reason that is not its own. */
  | { readonly kind: 'released' }
  /** Not run: another copy of its message has the task. */
  | { readonly kind: 'superseded' }
  /** Can not be run here; kept for the operator. */
  | { readonly kind: 'parked'; readonly error: LovageError };

/** What it means that a task has thrown. */
export function outcomeOfThrown(thrown: unknown): Outcome {
  try {
    if (isRetry(thrown)) return { kind: 'retried', retry: thrown };
    if (isIgnore(thrown)) return { kind: 'ignored' };
    if (isReplace(thrown)) return { kind: 'replaced', signature: thrown.signature };
    if (isReject(thrown)) return { kind: 'rejected', reason: thrown.message, requeue: thrown.requeue };
  } catch {
    // It only claims to be a signal, and throws when it is read.
  }
  return { kind: 'failed', error: thrown };
}
