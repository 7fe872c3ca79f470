import { hash } from 'node:crypto';
import {
  callListener,
  type Deadline,
  type ResultListener,
  type ResultWatch,
  STORE_CLOSED,
  type StoredResult,
  type StoreSession,
  type Timer,
} from '@lovage/core';
import { refusal } from '../connection/redis-failure.js';
import type { RedisStore } from '../redis-store.js';
import { stateOf } from '../wire/document-state.js';
import { checked, type Reading, readResults } from './read-results.js';

/** What a watch knows of one of its ids. */
interface WatchedId {
  readonly taskId: string;
  /** Not yet given to who added it: what comes meanwhile is part of that answer. */
  fresh: boolean;
  /** Reads of it under way. */
  reading: number;
  /** The last message while it was read. */
  last: Buffer | undefined;
  /** Tells whether the record is another than the one that was told last. */
  told: string | undefined;
}

const pauseMs = 1000;
/** Reads of an id before its answer is what the key says, whatever is published. */
const mostReads = 3;
const success = 'SUCCESS';

/**
 * A watch on ids, by the messages that every writer of a result publishes. They come on the connection on which records are
 * read: the channel is subscribed to, and then the record is read, so that nothing falls between the two.
 *
 * When the connection was lost, messages may have been: all ids are read again, and what has changed is told.
 */
export class RedisResultWatch implements ResultWatch {
  private readonly ids = new Map<string, WatchedId>();
  /** Ids of channels that nobody may want any more, until the end of the turn. */
  private removed: string[] = [];
  private closed = false;
  /** Raised when messages may have been missed. */
  private gaps = 0;
  private pause: Timer | undefined;
  private readonly endGaps: () => void;

  /** @param onClose lets the port forget it */
  constructor(
    private readonly store: RedisStore,
    private readonly session: StoreSession<RedisStore>,
    private readonly listener: ResultListener,
    private readonly onClose: (watch: RedisResultWatch) => void,
  ) {
    this.endGaps = store.subscriptions.onGap(() => this.gap());
  }

  async add({
    taskIds,
    deadline,
  }: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]> {
    const { store } = this;
    if (this.closed) {
      const { address } = store;
      throw STORE_CLOSED.create({ port: 'watch', operation: 'add', address, state: 'closed' });
    }
    this.session.use('watch', deadline);
    const asked = [...new Set(taskIds)].map((taskId) => this.watchedId(taskId));
    for (const one of asked) one.reading += 1;
    let refused: unknown;
    store.subscriptions.listen(
      asked.map(({ taskId }) => store.keys.result(taskId)),
      this.onMessage,
      (error) => {
        refused = error;
      },
    );
    let answers: ReadonlyMap<string, StoredResult | undefined>;
    try {
      answers = await this.read(asked, deadline);
      if (refused !== undefined) throw refusal(store.address, 'subscribe', refused);
    } catch (error) {
      for (const one of asked) this.readingEnded(one);
      // Not those that were removed, and perhaps added again, meanwhile.
      const left = asked.filter((one) => one.fresh && one.reading === 0 && this.ids.get(one.taskId) === one);
      this.remove({ taskIds: left.map(({ taskId }) => taskId) });
      throw error;
    }
    for (const one of asked) {
      one.fresh = false;
      one.told = markOf(answers.get(one.taskId));
      this.readingEnded(one);
    }
    return taskIds.map((taskId) => answers.get(taskId));
  }

  remove({ taskIds }: { readonly taskIds: readonly string[] }): void {
    for (const taskId of taskIds) {
      if (!this.ids.delete(taskId)) continue;
      if (this.removed.push(taskId) === 1) this.store.clock.endOfTurn(() => this.unlisten());
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.endGaps();
    this.pause?.cancel();
    this.removed.push(...this.ids.keys());
    this.ids.clear();
    this.unlisten();
    this.onClose(this);
  }

  private watchedId(taskId: string): WatchedId {
    let watched = this.ids.get(taskId);
    if (watched === undefined) {
      watched = { taskId, fresh: true, reading: 0, last: undefined, told: undefined };
      this.ids.set(taskId, watched);
    }
    return watched;
  }

  /** Those that were added again meanwhile stay. */
  private unlisten(): void {
    const { keys, subscriptions } = this.store;
    const left = this.removed.filter((taskId) => !this.ids.has(taskId));
    this.removed = [];
    subscriptions.unlisten(
      left.map((taskId) => keys.result(taskId)),
      this.onMessage,
    );
  }

  /** The newest record of each id: a message that came during the read is never older than what was read. */
  private async read(
    asked: readonly WatchedId[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, StoredResult | undefined>> {
    const answers = new Map<string, StoredResult | undefined>();
    let left = asked;
    for (let reads = 1; left.length > 0; reads += 1) {
      const { gaps } = this;
      const readings = await readResults(
        this.store,
        left.map(({ taskId }) => taskId),
        deadline,
      );
      // What came on the connection before is worth nothing when there is another now.
      if (gaps !== this.gaps) continue;
      const records = checked(readings);
      const again: WatchedId[] = [];
      for (const [index, one] of left.entries()) {
        const found = records[index];
        const newer = messageOf(one.taskId, one.last);
        if (newer === undefined && one.last !== undefined && reads < mostReads && !isSame(found, one.last)) {
          one.last = undefined;
          again.push(one);
        } else answers.set(one.taskId, newer ?? found);
      }
      left = again;
    }
    return answers;
  }

  private readingEnded(one: WatchedId): void {
    one.reading -= 1;
    if (one.reading === 0) one.last = undefined;
  }

  private readonly onMessage = (payload: Buffer, channel: string): void => {
    const watched = this.ids.get(this.store.keys.taskIdOf(channel));
    if (watched === undefined) return;
    if (watched.reading > 0) watched.last = payload;
    if (watched.fresh) return;
    const record = messageOf(watched.taskId, payload);
    if (record === undefined) void this.lookUp(watched, payload);
    else this.tell(watched, record);
  };

  /** A message that does not tell its state is told when the record says the same: then the state is kept beside it. */
  private async lookUp(watched: WatchedId, payload: Buffer): Promise<void> {
    const [found] = await this.readAgain([watched]);
    if (found !== undefined && !(found instanceof Error) && isSame(found, payload)) this.tell(watched, found);
  }

  private gap(): void {
    this.gaps += 1;
    for (const watched of this.ids.values()) watched.last = undefined;
    void this.catchUp(this.gaps);
  }

  private async catchUp(gaps: number): Promise<void> {
    const asked = [...this.ids.values()].filter(({ fresh, told }) => !fresh && told !== success);
    if (asked.length === 0) return;
    for (const one of asked) one.reading += 1;
    const readings = await this.readAgain(asked);
    for (const [index, one] of asked.entries()) {
      const found = readings[index];
      // Where a message came meanwhile, it was told and is newer.
      const isNews = gaps === this.gaps && one.last === undefined && !(found instanceof Error);
      this.readingEnded(one);
      if (isNews && found !== undefined && markOf(found) !== one.told) this.tell(one, found);
    }
    if (readings.length > 0 || gaps !== this.gaps || this.closed) return;
    this.pause = this.store.clock.after(pauseMs, () => void this.catchUp(gaps));
  }

  /** @returns nothing at all where the store can not be asked */
  private async readAgain(asked: readonly WatchedId[]): Promise<readonly Reading[]> {
    const taskIds = asked.map(({ taskId }) => taskId);
    try {
      return await readResults(this.store, taskIds, this.store.backgroundDeadline());
    } catch (error) {
      if (!this.closed) this.store.warn(error);
      return [];
    }
  }

  private tell(watched: WatchedId, record: StoredResult): void {
    if (this.closed || this.ids.get(watched.taskId) !== watched) return;
    watched.told = markOf(record);
    callListener(this.store.clock, () => this.listener(record));
  }
}

/** The record that a message tells; `undefined`: the message does not tell its state. */
function messageOf(taskId: string, payload: Buffer | undefined): StoredResult | undefined {
  const state = payload === undefined ? undefined : stateOf(payload);
  return payload === undefined || state === undefined ? undefined : { taskId, state, document: payload };
}

const isSame = (record: StoredResult | undefined, payload: Buffer): boolean =>
  record !== undefined && payload.equals(record.document as Buffer);

/** Short, and another one for another record. SUCCESS stays, so that its document does not matter. */
function markOf(record: StoredResult | undefined): string | undefined {
  if (record === undefined || record.state === success) return record?.state;
  return `${record.state} ${hash('sha1', record.document, 'base64')}`;
}
