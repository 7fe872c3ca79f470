import {
  checkedLimit,
  type Deadline,
  type InspectedMessage,
  type Inspector,
  type MessagePage,
  type MessagePlace,
  QUEUE_UNDECLARED,
  type QueueInfo,
  STORE_DAMAGED,
  StoreSession,
} from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { inspectCountsScript } from '../scripts/inspect-counts.js';
import { inspectIndexedScript } from '../scripts/inspect-indexed.js';
import { inspectReadyScript } from '../scripts/inspect-ready.js';
import { readOwners } from './owners.js';
import { readNumbers } from './page-cursor.js';
import { noTasks, PythonQueues } from './python-queues.js';
import { shownDelayed, shownParked, shownReady } from './shown-message.js';
import { countUnsettled, listUnsettled, unsettledPage } from './unsettled-deliveries.js';

/** Most queues of one script call: a long one holds everybody else up. */
const queuesPerCall = 200;

interface PageParams {
  readonly queue: string;
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly deadline: Deadline;
}

/**
 * Looks at a Redis database that Lovage and Python share. Numbers are of one instant each, not of one together. Of Python's
 * consumers the deliveries are seen, the consumers are not: they leave no trace in Redis.
 */
export class RedisInspector implements Inspector {
  readonly places: readonly MessagePlace[] = ['ready', 'delayed', 'unsettled', 'parked'];
  private readonly session: StoreSession<RedisStore>;
  private readonly pythonQueues: PythonQueues;

  constructor(private readonly store: RedisStore) {
    this.session = new StoreSession(store, 'inspector');
    this.pythonQueues = new PythonQueues(store);
  }

  get storeId(): string {
    return this.store.storeId;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
  }

  async queues({ deadline }: { readonly deadline: Deadline }): Promise<readonly QueueInfo[]> {
    const store = this.session.use('queues', deadline);
    const declared = await store.call('SMEMBERS', deadline, async (redis) =>
      redis.smembers(store.keys.queues),
    );
    const own = declared.filter((name) => !noTasks.test(name));
    const names = [...new Set([...own, ...(await this.pythonQueues.find(deadline))])].toSorted();
    const owners = await readOwners(store, '', deadline);
    const unsettled = await countUnsettled(store, owners, deadline);
    const infos: QueueInfo[] = [];
    for (let from = 0; from < names.length; from += queuesPerCall) {
      const part = names.slice(from, from + queuesPerCall);
      const counts = (await store.run(inspectCountsScript, deadline, [
        part.length,
        ...part,
      ])) as readonly number[];
      for (const [index, name] of part.entries()) {
        const [ready = 0, delayed = 0, parked = 0] = counts.slice(index * 3, index * 3 + 3);
        infos.push({
          name,
          ready,
          delayed,
          unsettled: unsettled.get(name) ?? 0,
          parked,
          consumers: owners.consumers.get(name) ?? 0,
        });
      }
    }
    return infos;
  }

  /**
   * A page of about 8 MB at most, so it may be shorter than its limit. What can not be read is shown as a message whose body is the
   * bytes in the store.
   *
   * @throws LOVAGE_QUEUE_UNDECLARED; LOVAGE_OPTION_INVALID for a limit or a cursor that can not be; LOVAGE_STORE_DAMAGED where
   *   the key of the queue holds something else
   */
  async messages(params: {
    readonly queue: string;
    readonly place: MessagePlace;
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly deadline: Deadline;
  }): Promise<MessagePage> {
    const store = this.session.use('messages', params.deadline);
    const { queue, place, cursor, deadline } = params;
    const limit = checkedLimit(params.limit);
    const page = { queue, limit, cursor, deadline };
    if (place === 'ready') return await this.readyPage(store, page);
    if (place !== 'unsettled') return await this.indexedPage(store, place, page);
    const listing = await listUnsettled(store, queue, deadline);
    if (listing === undefined) throw undeclared(queue);
    return await unsettledPage(store, listing, page);
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    if (this.session.close()) await this.session.released(deadline);
  }

  private async readyPage(
    store: RedisStore,
    { queue, limit, cursor, deadline }: PageParams,
  ): Promise<MessagePage> {
    const [list, position] = cursor === undefined ? ['1', 0] : readNumbers(cursor);
    const answer = await store.runBuffer(inspectReadyScript, deadline, [queue, list, position, limit]);
    const [nextList, nextPosition, ...envelopes] = this.checked(queue, answer);
    const messages = (envelopes as Buffer[]).map((raw) => shownReady(queue, raw));
    return nextList === 0
      ? { messages }
      : { messages, cursor: `${String(nextList)}:${String(nextPosition)}` };
  }

  /** Pages by score and how many of it were shown, since positions shift as messages become due. */
  private async indexedPage(
    store: RedisStore,
    place: 'delayed' | 'parked',
    { queue, limit, cursor, deadline }: PageParams,
  ): Promise<MessagePage> {
    const [from, skip] = cursor === undefined ? ['-inf', 0] : readNumbers(cursor);
    const args = [queue, place, from, skip, limit];
    const [more, ...pairs] = this.checked(queue, await store.runBuffer(inspectIndexedScript, deadline, args));
    const messages: InspectedMessage[] = [];
    const scores: string[] = [];
    for (let n = 0; n < pairs.length; n += 2) {
      const [raw, score] = [pairs[n] as Buffer, String(pairs[n + 1])];
      scores.push(score);
      messages.push(place === 'delayed' ? shownDelayed(queue, raw, Number(score)) : shownParked(queue, raw));
    }
    const last = scores.at(-1);
    if (more === 0 || last === undefined) return { messages };
    const shownOfLast = scores.filter((score) => score === last).length + (last === from ? skip : 0);
    return { messages, cursor: `${last}:${shownOfLast}` };
  }

  /** An answer without its first member, which tells whether the queue is known. */
  private checked(queue: string, answer: unknown): readonly unknown[] {
    const [known, ...rest] = answer as readonly unknown[];
    if (String(rest[0]) === 'damaged') {
      const [key, found] = [String(rest[1]), `a ${String(rest[2])}`];
      const expected = 'messages';
      throw STORE_DAMAGED.create({ address: this.store.address, key, found, expected });
    }
    if (known === 0) throw undeclared(queue);
    return rest;
  }
}

const undeclared = (queue: string): Error => QUEUE_UNDECLARED.create({ queue, operation: 'messages' });
