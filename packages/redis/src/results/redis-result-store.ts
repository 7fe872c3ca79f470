import {
  type Chord,
  type ChordOpening,
  type ChordPart,
  type Deadline,
  type Encoded,
  type Joined,
  type OpenChord,
  type PutOutcome,
  type ResultListener,
  type ResultStore,
  type ResultStoreCapabilities,
  type ResultWatch,
  type StoredResult,
  StoreSession,
} from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { closeChordScript, openChordScript, openChordsScript } from '../scripts/chords.js';
import { forgetScript } from '../scripts/forget.js';
import { getGroupScript, putGroupScript } from '../scripts/groups.js';
import { joinScript } from '../scripts/join.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { putScript } from '../scripts/put.js';
import { addPart, addResult, readJoined, readPut, timeToLive } from '../wire/result-arguments.js';
import { checked, readResults } from './read-results.js';
import { RedisResultWatch } from './redis-result-watch.js';

interface TaskIds {
  readonly taskIds: readonly string[];
  readonly deadline: Deadline;
}

/** Most results or ids of one script call: a long one holds everybody else up. */
const mostAtOnce = 1000;

/** A result store on Redis: Celery's documents under Celery's keys, each change published on the channel of the same name. */
export class RedisResultStore implements ResultStore {
  readonly capabilities: ResultStoreCapabilities = { push: true, durable: true, shared: true };
  private readonly session: StoreSession<RedisStore>;
  private readonly watches = new Set<RedisResultWatch>();

  constructor(private readonly store: RedisStore) {
    this.session = new StoreSession(store, 'result store');
  }

  get storeId(): string {
    return this.store.storeId;
  }

  get address(): string {
    return this.store.address;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
  }

  async put({
    results,
    deadline,
  }: {
    readonly results: readonly StoredResult[];
    readonly deadline: Deadline;
  }): Promise<readonly PutOutcome[]> {
    const store = this.session.use('put', deadline);
    const outcomes: PutOutcome[] = [];
    for (const some of inParts(results)) {
      const args: LuaArgument[] = [store.newId(), some.length];
      for (const result of some) addResult(args, result);
      const answer = (await store.run(putScript, deadline, args)) as readonly unknown[];
      outcomes.push(...answer.map(readPut));
    }
    return outcomes;
  }

  async get({ taskIds, deadline }: TaskIds): Promise<readonly (StoredResult | undefined)[]> {
    return checked(await readResults(this.session.use('get', deadline), taskIds, deadline));
  }

  watch({ listener }: { readonly listener: ResultListener }): ResultWatch {
    const watch = new RedisResultWatch(this.store, this.session, listener, (closed) =>
      this.watches.delete(closed),
    );
    this.watches.add(watch);
    return watch;
  }

  async forget({ taskIds, deadline }: TaskIds): Promise<void> {
    const store = this.session.use('forget', deadline);
    for (const some of inParts(taskIds)) await store.run(forgetScript, deadline, [some.length, ...some]);
  }

  async join({ part, deadline }: { readonly part: ChordPart; readonly deadline: Deadline }): Promise<Joined> {
    const store = this.session.use('join', deadline);
    const args: LuaArgument[] = [store.newId()];
    addPart(args, part);
    return readJoined(await store.runBuffer(joinScript, deadline, args));
  }

  async openChord({
    chord,
    deadline,
  }: {
    readonly chord: Chord;
    readonly deadline: Deadline;
  }): Promise<ChordOpening> {
    const { groupId, owner, size, ttlMs, structure, record } = chord;
    const args = [groupId, owner, size, timeToLive(ttlMs), structure ?? '', record];
    const opened = await this.session.use('openChord', deadline).run(openChordScript, deadline, args);
    return { kind: opened === 1 ? 'opened' : 'taken' };
  }

  async closeChord({
    groupId,
    deadline,
  }: {
    readonly groupId: string;
    readonly deadline: Deadline;
  }): Promise<void> {
    await this.session.use('closeChord', deadline).run(closeChordScript, deadline, [groupId]);
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
    const store = this.session.use('openChords', deadline);
    const answer = (await store.run(openChordsScript, deadline, [beforeMs, limit])) as readonly string[];
    const chords: OpenChord[] = [];
    for (let at = 0; at + 2 < answer.length; at += 3) {
      const [groupId = '', openedAtMs, record = ''] = answer.slice(at, at + 3);
      chords.push({ groupId, openedAtMs: Number(openedAtMs), record });
    }
    return chords;
  }

  /** Under Celery's own key, so that Python finds it. */
  async putGroup({
    groupId,
    document,
    ttlMs,
    deadline,
  }: {
    readonly groupId: string;
    readonly document: Encoded;
    readonly ttlMs?: number | undefined;
    readonly deadline: Deadline;
  }): Promise<void> {
    const store = this.session.use('putGroup', deadline);
    await store.run(putGroupScript, deadline, [groupId, timeToLive(ttlMs), document]);
  }

  async getGroup({
    groupId,
    deadline,
  }: {
    readonly groupId: string;
    readonly deadline: Deadline;
  }): Promise<Encoded | undefined> {
    const store = this.session.use('getGroup', deadline);
    const kept = await store.runBuffer(getGroupScript, deadline, [groupId]);
    return Buffer.isBuffer(kept) ? kept : undefined;
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    for (const watch of this.watches) watch.close();
    if (this.session.close()) await this.session.released(deadline);
  }
}

function* inParts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += mostAtOnce) yield all.slice(from, from + mostAtOnce);
}
