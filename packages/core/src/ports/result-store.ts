import type { Deadline } from '../clock/deadline.js';
import type { ChordPart, Joined } from './chord-part.js';
import type { StoredResult } from './stored-result.js';

/** `refused`: a final state is there and stays. */
export type PutOutcome = { readonly kind: 'stored' } | { readonly kind: 'refused' };

/** Told every record of the watched ids, in the order in which they were stored. Must not throw and must not wait. */
export type ResultListener = (result: StoredResult) => void;

/** A standing watch on ids. One caller holds one watch with many ids. */
export interface ResultWatch {
  /**
   * Starts watching ids and gives what is stored for each now, in order. Nothing falls between the two: a record that
   * is not in the answer is told to the listener.
   */
  add(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]>;
  remove(params: { readonly taskIds: readonly string[] }): void;
  close(): void;
}

export interface ResultStoreCapabilities {
  /** Changes are pushed. False: the watch asks again and again. */
  readonly push: boolean;
  /** Records outlive the process. */
  readonly durable: boolean;
}

/** Where states and results are kept (Celery: result backend). */
export interface ResultStore {
  readonly storeId: string;
  /** For people, without credentials. */
  readonly address: string;
  readonly capabilities: ResultStoreCapabilities;

  /** Connects; opening twice is legal. */
  open(params: { readonly deadline: Deadline }): Promise<void>;
  /**
   * Stores records; outcomes in order. A record whose state is SUCCESS stays as it is. FAILURE and REVOKED are replaced
   * only by another final state (a task that was delivered again may succeed) and never by an earlier one.
   */
  put(params: {
    readonly results: readonly StoredResult[];
    readonly deadline: Deadline;
  }): Promise<readonly PutOutcome[]>;
  get(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]>;
  watch(params: { readonly listener: ResultListener }): ResultWatch;
  forget(params: { readonly taskIds: readonly string[]; readonly deadline: Deadline }): Promise<void>;
  /**
   * Counts a finished part of a chord. The same part (task id) counts once, however often it is reported. Exactly one
   * call for each chord is told `complete`.
   */
  join(params: { readonly part: ChordPart; readonly deadline: Deadline }): Promise<Joined>;
  close(params: { readonly deadline: Deadline }): Promise<void>;
}

export type { ChordPart, Joined } from './chord-part.js';
export type { StoredResult } from './stored-result.js';
