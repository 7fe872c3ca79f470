import type { Deadline } from '../clock/deadline.js';
import type { Publication } from './publication.js';

/**
 * A claim on a name for a time: leadership, or a unique key. `fence` rises with each new owner, so that an old owner can
 * be recognised.
 */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
  readonly ttlMs: number;
}

/** A tick of a schedule, recorded together with the message that it sends. */
export interface Tick {
  readonly schedule: string;
  /** When it was due: milliseconds since 1970 UTC. Identifies the tick within its schedule. */
  readonly dueMs: number;
  /** Lease of the leader; a stale one is refused. */
  readonly lease: Lease;
  /**
   * Sent in the same step, where broker and ledger are one store (the same `storeId`). Absent: the tick is recorded and
   * nothing is sent.
   */
  readonly publication?: Publication | undefined;
  /** Milliseconds for which the tick is kept, so that it is recognised when it is reported again. */
  readonly ttlMs: number;
  /**
   * A record that is stored in the same step, whatever version is there, such as when a schedule last ran. Watches are not
   * told of it: ticks are many.
   */
  readonly record?: TickRecord | undefined;
}

/** What a tick leaves behind besides itself; its version rises by one. */
export interface TickRecord {
  readonly kind: string;
  readonly id: string;
  /** JSON text. */
  readonly value: string;
}

/** `unroutable`: no queue is bound for its message; nothing is recorded. */

export type TickOutcome =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'already-recorded' }
  | { readonly kind: 'stale-leader' }
  | { readonly kind: 'unroutable' };

export type LeaseOutcome =
  | { readonly kind: 'acquired'; readonly lease: Lease }
  | {
      readonly kind: 'held';
      /** Who has it. */
      readonly owner: string;
      /** Of the lease that it has: with it the name can be taken over, by `release` and then `acquire`. */
      readonly fence: number;
      /** Milliseconds until that lease ends unless it is renewed; at least 1. */
      readonly leftMs: number;
    };

/** A bucket of tokens: `capacity` at most, refilled evenly. */
export interface TokenRequest {
  readonly bucket: string;
  readonly tokens: number;
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export type TokenOutcome =
  | { readonly kind: 'granted' }
  | { readonly kind: 'wait'; readonly retryInMs: number };

/** A task that must not run. */
export interface Revocation {
  readonly taskId: string;
  /** Stop it also when it runs already. */
  readonly terminate: boolean;
}

/** A versioned record, such as a schedule. */
export interface LedgerRecord {
  readonly kind: string;
  readonly id: string;
  /** Raised by each change, from 1. */
  readonly version: number;
  /** JSON text. */
  readonly value: string;
}

export type RecordOutcome =
  | { readonly kind: 'stored'; readonly version: number }
  | { readonly kind: 'conflict' };

/** What a ledger tells its watchers. */
export type LedgerChange =
  | { readonly kind: 'revoked'; readonly revocation: Revocation }
  | { readonly kind: 'record'; readonly recordKind: string; readonly id: string };

/** Facts on which processes agree. Every change is a compare-and-set: repeating a call after a lost answer is harmless. */
export interface Ledger {
  readonly storeId: string;

  open(params: { readonly deadline: Deadline }): Promise<void>;
  /** Takes a free or expired name, or one that the same owner has (its time starts again, the fence stays). */
  acquire(params: {
    readonly name: string;
    readonly owner: string;
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<LeaseOutcome>;
  /** Extends a lease that is still ours. */
  renew(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<'renewed' | 'lost'>;
  /** Gives a lease back; one that is no longer ours stays as it is. */
  release(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<void>;
  recordTick(params: { readonly tick: Tick; readonly deadline: Deadline }): Promise<TickOutcome>;
  takeTokens(params: { readonly request: TokenRequest; readonly deadline: Deadline }): Promise<TokenOutcome>;
  /** Records that tasks must not run. Durable; kept for `ttlMs`. */
  revoke(params: {
    readonly revocations: readonly Revocation[];
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<void>;
  /** Which of the ids are revoked. */
  revoked(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<ReadonlySet<string>>;
  /** Stores a record if its version is still `expectedVersion` (0: must not exist; `value` undefined: delete). */
  putRecord(params: {
    readonly kind: string;
    readonly id: string;
    readonly value: string | undefined;
    readonly expectedVersion: number;
    readonly deadline: Deadline;
  }): Promise<RecordOutcome>;
  /** A page of records of one kind, ordered by id, after the id `after`. */
  records(params: {
    readonly kind: string;
    readonly after?: string;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly LedgerRecord[]>;
  /** Told every change from now on; gives the function that ends the watch. */
  watch(params: { readonly listener: (change: LedgerChange) => void }): () => void;
  close(params: { readonly deadline: Deadline }): Promise<void>;
}
