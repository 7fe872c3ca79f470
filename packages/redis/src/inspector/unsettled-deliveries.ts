import type { Deadline, InspectedMessage, MessagePage } from '@lovage/core';
import { readBindings } from '../broker/bindings.js';
import type { RedisStore } from '../redis-store.js';
import { inspectEntriesScript, inspectUnsettledScript } from '../scripts/inspect-unsettled.js';
import { readCursor } from './page-cursor.js';
import { shownUnsettled } from './shown-message.js';

interface Held {
  readonly tag: string;
  /** Seconds since 1970 UTC, of the delivery or of the last renewal. */
  readonly score: number;
  /** Among those of one instant. */
  readonly position: number;
}

/** What a listing found, or `undefined` where the queue is not known. */
export type Listing = readonly Held[] | undefined;

/** Deliveries of a queue that consumers have in hand, Python's too, in the order of delivery as far as it is known. */
export async function unsettledOf(store: RedisStore, queue: string, deadline: Deadline): Promise<Listing> {
  const answer = await store.run(inspectUnsettledScript, deadline, [queue]);
  const [known, own, foreign] = answer as readonly [number, readonly unknown[], readonly string[]];
  if (known === 0) return undefined;
  const held: Held[] = [];
  for (let n = 0; n < own.length; n += 3)
    held.push({ tag: String(own[n]), score: Number(own[n + 1]), position: Number(own[n + 2]) });
  const places: { readonly held: Held; readonly exchange: string; readonly key: string }[] = [];
  for (let n = 0; n < foreign.length; n += 4) {
    const one = { tag: foreign[n] ?? '', score: Number(foreign[n + 1]), position: 0 };
    places.push({ held: one, exchange: foreign[n + 2] ?? '', key: foreign[n + 3] ?? '' });
  }
  const queuesOf = await foreignPlaces(store, places, deadline);
  for (const place of places) if (queuesOf(place).includes(queue)) held.push(place.held);
  return held.toSorted((a, b) => a.score - b.score || a.position - b.position || (a.tag < b.tag ? -1 : 1));
}

/** How to find the queues of what Python has in hand: of that only exchange and routing key are known. */
export async function foreignPlaces(
  store: RedisStore,
  places: readonly { readonly exchange: string }[],
  deadline: Deadline,
): Promise<(place: { readonly exchange: string; readonly key: string }) => readonly string[]> {
  const names = new Set(places.map(({ exchange }) => exchange).filter((name) => name !== ''));
  const exchanges = await readBindings(store, names, deadline);
  return ({ exchange, key }) => (exchange === '' ? [key] : (exchanges.get(exchange)?.queuesFor(key) ?? []));
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
  const answer = await store.runBuffer(inspectEntriesScript, deadline, [
    page.length,
    ...page.map(({ tag }) => tag),
  ]);
  const entries = answer as readonly Buffer[];
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
