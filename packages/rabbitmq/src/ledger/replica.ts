import type { LedgerChange } from '@lovage/core';
import type { LedgerAnswer, LedgerOperation } from './ledger-operation.js';
import { LedgerState } from './ledger-state.js';
import {
  type BatchEntry,
  type CopyEntry,
  type LogEntry,
  snapshotEntries,
  type WrittenEntry,
} from './log-entry.js';
import { SnapshotCollector } from './snapshot-collector.js';

export interface ReplicaOptions {
  /** Names this process in the log. */
  readonly author: string;
  readonly now: () => number;
  readonly newId: () => string;
  /** Appends an entry, as soon as that is possible. It may get lost: see `repeat`. */
  readonly append: (entry: WrittenEntry) => void;
  readonly onChange: (change: LedgerChange) => void;
  /** Proposals between two snapshots, in bytes. Default 512 KiB, and twice the last snapshot. */
  readonly snapshotBytes?: number;
}

interface Pending {
  readonly entry: BatchEntry;
  readonly done: (answers: readonly LedgerAnswer[]) => void;
}

/** Size of one entry of a snapshot. */
const partLength = 256 * 1024;
/** Several processes shall not make one snapshot: the next is asked only after so much more of the log. */
const stepsPerSnapshot = 4;

/**
 * One process's copy of the state, and its proposals that have not come back yet.
 *
 * EMPTY    knows nothing: it begins at the oldest entry that is left of the log. When that is the very first, or with the first
 *          whole snapshot that leaves no gap, it becomes CURRENT; batches until then are kept.
 * CURRENT  applies each batch. Its own answers whoever proposed it.
 *
 * Proposals that may have got lost are repeated; those that come twice are applied once, by author and sequence.
 */
export class Replica {
  private known: LedgerState | undefined;
  private kept: {
    readonly offset: number;
    readonly entry: BatchEntry | CopyEntry;
    readonly bytes: number;
  }[] = [];
  private firstOffset: number | undefined;
  private sequence = 0;
  private pending: Pending[] = [];
  private collector = new SnapshotCollector();
  private bytesSince = 0;
  private lastSnapshotBytes = 0;
  private copyBytes = 0;
  /** What is read next. */
  nextOffset: number | undefined;

  constructor(private readonly options: ReplicaOptions) {}

  /** Once it is CURRENT. */
  get state(): LedgerState | undefined {
    return this.known;
  }

  get proposals(): number {
    return this.pending.length;
  }

  /** Resolves with the answers when the batch has come back. Never rejects. */
  async propose(operations: readonly LedgerOperation[]): Promise<readonly LedgerAnswer[]> {
    return await new Promise((done) => this.send(operations, done));
  }

  /** Appends again what has not come back, in order: after a lost connection. */
  repeat(): void {
    for (const { entry } of this.pending) this.options.append(entry);
  }

  /** Takes one entry from the log. @param entry `undefined`: what stood there is none */
  take(offset: number, entry: LogEntry | undefined, bytes: number): void {
    // A subscription may begin a little earlier than asked.
    if (this.nextOffset !== undefined && offset < this.nextOffset) return;
    this.nextOffset = offset + 1;
    this.firstOffset ??= offset;
    if (this.firstOffset === 0) this.known ??= new LedgerState();
    if (entry === undefined) return;
    if (entry.kind === 'snapshot') {
      this.takeSnapshot(entry);
      return;
    }
    if (this.known === undefined) this.kept.push({ offset, entry, bytes });
    else this.apply(this.known, offset, entry, bytes);
  }

  private takeSnapshot(entry: Extract<LogEntry, { readonly kind: 'snapshot' }>): void {
    const whole = this.collector.add(entry);
    if (whole === undefined) return;
    const covered = (this.firstOffset ?? 0) - 1 <= whole.upTo;
    if (this.known === undefined && !covered) return;
    this.bytesSince = 0;
    this.lastSnapshotBytes = whole.length;
    if (this.known !== undefined) return;
    const state = new LedgerState(whole.image);
    this.known = state;
    const { kept } = this;
    this.kept = [];
    for (const { offset, entry: one, bytes } of kept) {
      if (offset > whole.upTo) this.apply(state, offset, one, bytes);
    }
  }

  private apply(state: LedgerState, offset: number, entry: BatchEntry | CopyEntry, bytes: number): void {
    if (entry.kind === 'copy') {
      state.unsent.strikeByCopy(entry.taskId);
      // It has no author who could make a snapshot: it counts with the batch that follows.
      this.copyBytes += bytes;
      return;
    }
    const own = entry.author === this.options.author;
    if (state.begin(entry.author, entry.sequence, entry.stampMs)) {
      const answers: LedgerAnswer[] = [];
      for (const operation of entry.operations) {
        const { answer, changes } = state.apply(operation);
        answers.push(answer);
        for (const change of changes ?? []) this.options.onChange(change);
      }
      if (own) this.answered(entry.sequence, answers);
    }
    this.count(state, offset, bytes + this.copyBytes, own);
    this.copyBytes = 0;
  }

  private answered(sequence: number, answers: readonly LedgerAnswer[]): void {
    const index = this.pending.findIndex((one) => one.entry.sequence === sequence);
    // Entries before it got lost, and would now be taken for repetitions: they are proposed anew.
    const lost = this.pending.slice(0, Math.max(0, index));
    const found = this.pending[index];
    this.pending = index < 0 ? this.pending : this.pending.slice(index + 1);
    for (const { entry, done } of lost) this.send(entry.operations, done);
    found?.done(answers);
  }

  private send(
    operations: readonly LedgerOperation[],
    done: (answers: readonly LedgerAnswer[]) => void,
  ): void {
    this.sequence += 1;
    const entry: BatchEntry = {
      kind: 'batch',
      author: this.options.author,
      sequence: this.sequence,
      stampMs: this.options.now(),
      operations,
    };
    this.pending.push({ entry, done });
    this.options.append(entry);
  }

  /** Whoever proposed the entry with which the log has grown enough makes the snapshot; all agree on who that is. */
  private count(state: LedgerState, offset: number, bytes: number, own: boolean): void {
    const most = Math.max(this.options.snapshotBytes ?? 512 * 1024, 2 * this.lastSnapshotBytes);
    const step = most / stepsPerSnapshot;
    const before = Math.floor(this.bytesSince / step);
    this.bytesSince += bytes;
    const after = Math.floor(this.bytesSince / step);
    if (after === before || after < stepsPerSnapshot) return;
    state.sweep();
    if (!own) return;
    const text = JSON.stringify(state.image());
    for (const entry of snapshotEntries(this.options.newId(), offset, text, partLength))
      this.options.append(entry);
  }
}
