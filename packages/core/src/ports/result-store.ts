import type { Deadline } from '../clock/deadline.js';
import type { Encoded } from '../message/encoded.js';
import type { Chord, ChordOpening, ChordPart, Joined, OpenChord } from './chord-part.js';
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
  /**
   * Every process reads every record. False: a record is handed to the process that sent the task and to no other (see `replyTo`), so
   * nothing is kept of ids that were only sent, and nothing of chords and groups.
   */
  readonly shared: boolean;
}

/** Where states and results are kept (Celery: result backend). */
export interface ResultStore {
  readonly storeId: string;
  /** For people, without credentials. */
  readonly address: string;
  readonly capabilities: ResultStoreCapabilities;
  /** Where this process hears what became of the tasks that it sends: goes with each message. Absent where records are shared. */
  readonly replyTo?: string | undefined;

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
   * Begins to count the parts of a chord; before the first of its messages is sent. Parts that come without it wait for ever.
   *
   * @throws LOVAGE_CAPABILITY_MISSING here and in all that follows, where the technology can not count
   */
  openChord(params: { readonly chord: Chord; readonly deadline: Deadline }): Promise<ChordOpening>;
  /**
   * Counts a finished part of a chord. The same part (task id) counts once, however often it is reported, and keeps its first
   * document. One part of each chord is told `complete`, each time it is reported until the chord is closed: whoever is told must send
   * what follows and may die before.
   */
  join(params: { readonly part: ChordPart; readonly deadline: Deadline }): Promise<Joined>;
  /** What follows a chord has been sent: nobody is told `complete` any more. */
  closeChord(params: { readonly groupId: string; readonly deadline: Deadline }): Promise<void>;
  /** Chords that were begun before a time (milliseconds since 1970 UTC) and not closed, oldest first. At most `limit`, to 1,000. */
  openChords(params: {
    readonly beforeMs: number;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly OpenChord[]>;
  /** Keeps the document of a group (Celery: `GroupResult.save`). */
  putGroup(params: {
    readonly groupId: string;
    readonly document: Encoded;
    readonly ttlMs?: number | undefined;
    readonly deadline: Deadline;
  }): Promise<void>;
  getGroup(params: { readonly groupId: string; readonly deadline: Deadline }): Promise<Encoded | undefined>;
  close(params: { readonly deadline: Deadline }): Promise<void>;
}

export type { Chord, ChordOpening, ChordPart, Joined, OpenChord } from './chord-part.js';
export type { StoredResult } from './stored-result.js';
