import type { LeaseOutcome, LedgerChange, RecordOutcome, TickOutcome, TokenOutcome } from '@lovage/core';

/**
 * One call as it stands in the log. Short keys, as the log is all that there is: `n` name, `o` owner, `f` fence, `ms` duration,
 * `k` kind or key, `i` id, `v` value, `x` expected version.
 */
export type LedgerOperation =
  | { readonly op: 'acquire'; readonly n: string; readonly o: string; readonly ms: number }
  | { readonly op: 'renew'; readonly n: string; readonly o: string; readonly f: number; readonly ms: number }
  | { readonly op: 'release'; readonly n: string; readonly o: string; readonly f: number }
  | {
      readonly op: 'tokens';
      readonly n: string;
      readonly tokens: number;
      readonly capacity: number;
      readonly perSecond: number;
    }
  | { readonly op: 'revoke'; readonly ids: readonly (readonly [string, 0 | 1])[]; readonly ms: number }
  | {
      readonly op: 'record';
      readonly k: string;
      readonly i: string;
      readonly v?: string | undefined;
      readonly x: number;
    }
  | TickOperation
  /** The message of a tick has been sent, or has no queue to go to: then the tick is taken back. */
  | { readonly op: 'sent'; readonly k: string; readonly unroutable?: boolean }
  /** A queue has refused the message of a tick whose copy has struck it out: it still has to be sent. */
  | { readonly op: 'refused'; readonly k: string; readonly message: string; readonly t?: string | undefined }
  /** Takes over the sending for a process that has not reported; `x`: attempts so far. */
  | { readonly op: 'takeOver'; readonly k: string; readonly x: number };

export interface TickOperation {
  readonly op: 'tick';
  readonly k: string;
  /** Lease of the leader: name, owner, fence. */
  readonly lease: readonly [string, string, number];
  readonly ms: number;
  /** Kind, id and value. */
  readonly record?: readonly [string, string, string] | undefined;
  /** The message to send, see `writePublication`. */
  readonly message?: string | undefined;
  /** Its task id, where a copy of the message will come into the log with it; see `UnsentTicks`. */
  readonly t?: string | undefined;
}

/** What an operation came to; `undefined` for those that have nothing to tell. */
export type LedgerAnswer =
  | (LeaseOutcome & { readonly fence?: number; readonly leftMs?: number })
  | TokenOutcome
  | RecordOutcome
  | TickOutcome
  | { readonly kind: 'renewed' | 'lost' | 'taken' | 'gone' }
  | undefined;

/** An answer with what watches are to be told. */
export interface Applied {
  readonly answer: LedgerAnswer;
  readonly changes?: readonly LedgerChange[];
}
