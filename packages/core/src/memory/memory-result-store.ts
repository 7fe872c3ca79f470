import type { Deadline } from '../clock/deadline.js';
import type { Encoded } from '../message/encoded.js';
import type { Chord, ChordOpening, ChordPart, Joined, OpenChord } from '../ports/chord-part.js';
import type {
  PutOutcome,
  ResultListener,
  ResultStore,
  ResultStoreCapabilities,
  ResultWatch,
} from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import { MemoryResultWatch } from './memory-result-watch.js';
import { PortSession } from './port-session.js';
import type { StoreHandle } from './store-handle.js';

interface TaskIds {
  readonly taskIds: readonly string[];
  readonly deadline: Deadline;
}

/** A result store in the memory of this process. Watches are told before the call that stored returns. */
export class MemoryResultStore implements ResultStore {
  readonly capabilities: ResultStoreCapabilities = { push: true, durable: false, shared: true };
  private readonly session: PortSession;
  private readonly watches = new Set<MemoryResultWatch>();

  constructor(handle: StoreHandle) {
    this.session = new PortSession(handle, 'result store');
  }

  get storeId(): string {
    return this.session.storeId;
  }

  get address(): string {
    return this.session.address;
  }

  async open(params: { readonly deadline: Deadline }): Promise<void> {
    this.session.open(params.deadline);
  }

  async put(params: {
    readonly results: readonly StoredResult[];
    readonly deadline: Deadline;
  }): Promise<readonly PutOutcome[]> {
    const { results } = this.session.use('put', params.deadline);
    const now = this.session.monoNow();
    const outcomes = params.results.map((result) => results.put(result, now));
    results.tell();
    return outcomes;
  }

  async get({ taskIds, deadline }: TaskIds): Promise<readonly (StoredResult | undefined)[]> {
    const { results } = this.session.use('get', deadline);
    const now = this.session.monoNow();
    return taskIds.map((taskId) => results.get(taskId, now));
  }

  watch(params: { readonly listener: ResultListener }): ResultWatch {
    const watch = new MemoryResultWatch(this.session, params.listener, (closed) =>
      this.watches.delete(closed),
    );
    this.watches.add(watch);
    return watch;
  }

  async forget({ taskIds, deadline }: TaskIds): Promise<void> {
    const { results } = this.session.use('forget', deadline);
    for (const taskId of taskIds) results.forget(taskId);
  }

  async join(params: { readonly part: ChordPart; readonly deadline: Deadline }): Promise<Joined> {
    return this.session.use('join', params.deadline).chords.join(params.part, this.session.monoNow());
  }

  async openChord(params: { readonly chord: Chord; readonly deadline: Deadline }): Promise<ChordOpening> {
    return this.session.use('openChord', params.deadline).chords.open(params.chord, this.session.monoNow());
  }

  async closeChord(params: { readonly groupId: string; readonly deadline: Deadline }): Promise<void> {
    this.session.use('closeChord', params.deadline).chords.shut(params.groupId, this.session.monoNow());
  }

  async openChords({
    beforeMs,
    limit,
    deadline,
  }: {
    readonly beforeMs: number;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly OpenChord[]> {
    return this.session.use('openChords', deadline).chords.openedBefore(beforeMs, limit);
  }

  async putGroup(params: {
    readonly groupId: string;
    readonly document: Encoded;
    readonly ttlMs?: number | undefined;
    readonly deadline: Deadline;
  }): Promise<void> {
    const { chords } = this.session.use('putGroup', params.deadline);
    chords.putGroup(params.groupId, params.document, params.ttlMs, this.session.monoNow());
  }

  async getGroup(params: {
    readonly groupId: string;
    readonly deadline: Deadline;
  }): Promise<Encoded | undefined> {
    return this.session.use('getGroup', params.deadline).chords.group(params.groupId, this.session.monoNow());
  }

  async close(): Promise<void> {
    for (const watch of this.watches) watch.close();
    this.session.close();
  }
}
