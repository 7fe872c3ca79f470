import type { Deadline, InspectedMessage, MessagePage } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { inspectEntriesScript } from '../scripts/inspect-unsettled.js';
import { listForeign } from './foreign-deliveries.js';
import { countHeld, type Held, listHeld } from './held-deliveries.js';
import { type Owners, readOwners } from './owners.js';
import { readCursor } from './page-cursor.js';
import { shownUnsettled } from './shown-message.js';

/** Deliveries in hand, Python's too, by queue. */
export async function countUnsettled(
  store: RedisStore,
  owners: Owners,
  deadline: Deadline,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(await countHeld(store, owners, deadline));
  const own = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (owners.deliveries <= own) return counts;
  const { tags } = await listHeld(store, owners, '', deadline);
  for (const { queues } of await listForeign(store, tags, deadline)) {
    for (const queue of queues) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  }
  return counts;
}

/**
 * Deliveries of a queue that consumers have in hand, in the order of delivery as far as it is known; `undefined` where the queue is
 * not known.
 */
export async function listUnsettled(
  store: RedisStore,
  queue: string,
  deadline: Deadline,
): Promise<readonly Held[] | undefined> {
  const owners = await readOwners(store, queue, deadline);
  if (!owners.known) return undefined;
  const { tags, held } = await listHeld(store, owners, queue, deadline);
  const all = [...held];
  if (owners.deliveries > tags.size) {
    const foreign = await listForeign(store, tags, deadline);
    all.push(...foreign.filter(({ queues }) => queues.includes(queue)));
  }
  return all.toSorted((a, b) => a.score - b.score || a.position - b.position || (a.tag < b.tag ? -1 : 1));
}

/** A page of a listing. A cursor names the last delivery that was shown, and its position should it be gone. */
export async function unsettledPage(
  store: RedisStore,
  listing: readonly Held[],
  params: {
    readonly queue: string;
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly deadline: Deadline;
  },
): Promise<MessagePage> {
  const { queue, limit, cursor, deadline } = params;
  const start = cursor === undefined ? 0 : startOf(listing, cursor);
  const page = listing.slice(start, start + limit);
  if (page.length === 0) return { messages: [] };
  const args = [page.length, ...page.map(({ tag }) => tag)];
  const entries = (await store.runBuffer(inspectEntriesScript, deadline, args)) as readonly Buffer[];
  const messages: InspectedMessage[] = [];
  // Settled since: nothing to show.
  for (const entry of entries) if (entry.length > 0) messages.push(shownUnsettled(queue, entry));
  const next = start + entries.length;
  const last = listing[next - 1];
  return next < listing.length && last !== undefined
    ? { messages, cursor: `${next}:${written(last.tag)}` }
    : { messages };
}

function startOf(listing: readonly Held[], cursor: string): number {
  const [position, tag] = readCursor(cursor);
  const found = listing.findIndex((one) => written(one.tag) === tag);
  return found === -1 ? Math.max(0, Math.trunc(Number(position))) : found + 1;
}

/** Python's tags may be any text. */
const written = (tag: string): string => Buffer.from(tag).toString('base64url');
