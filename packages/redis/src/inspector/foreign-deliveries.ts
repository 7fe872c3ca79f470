import type { Deadline } from '@lovage/core';
import { readBindings } from '../broker/bindings.js';
import type { RedisStore } from '../redis-store.js';
import { inspectPlacesScript } from '../scripts/inspect-unsettled.js';
import type { Held } from './held-deliveries.js';

/** Deliveries of Python that are looked at, and entries among which they are looked for: the oldest. */
const mostForeign = 2000;
const mostLookedAt = 100_000;
/** Of one call. */
const entriesPerCall = 5000;
const placesPerCall = 500;

/** A delivery that a Python consumer has in hand, with the queues that its exchange and routing key lead to. */
export interface ForeignDelivery extends Held {
  readonly queues: readonly string[];
}

/** What Python has in hand. @param own tags of what Lovage has */
export async function listForeign(
  store: RedisStore,
  own: ReadonlySet<string>,
  deadline: Deadline,
): Promise<readonly ForeignDelivery[]> {
  const foreign = await foreignEntries(store, own, deadline);
  const places: (readonly [exchange: string, routingKey: string])[] = [];
  for (let from = 0; from < foreign.length; from += placesPerCall) {
    const tags = foreign.slice(from, from + placesPerCall).map(({ tag }) => tag);
    const answer = (await store.run(inspectPlacesScript, deadline, [
      tags.length,
      ...tags,
    ])) as readonly string[];
    for (let n = 0; n < answer.length; n += 2) places.push([answer[n] ?? '', answer[n + 1] ?? '']);
  }
  const names = new Set(places.map(([exchange]) => exchange).filter((name) => name !== ''));
  const exchanges = await readBindings(store, names, deadline);
  return foreign.map((one, index) => {
    const [exchange, key] = places[index] ?? ['', ''];
    const queues = exchange === '' ? [key] : (exchanges.get(exchange)?.takenFrom(key) ?? []);
    return { ...one, queues };
  });
}

async function foreignEntries(
  store: RedisStore,
  own: ReadonlySet<string>,
  deadline: Deadline,
): Promise<readonly Held[]> {
  const foreign: Held[] = [];
  for (let from = 0; from < mostLookedAt; from += entriesPerCall) {
    const entries = await store.call('ZRANGE', deadline, async (redis) =>
      redis.zrange(store.keys.unackedIndex, String(from), String(from + entriesPerCall - 1), 'WITHSCORES'),
    );
    for (let n = 0; n < entries.length; n += 2) {
      const tag = entries[n] ?? '';
      if (!own.has(tag)) foreign.push({ tag, score: Number(entries[n + 1]), position: 0 });
      if (foreign.length === mostForeign) return foreign;
    }
    if (entries.length < entriesPerCall * 2) break;
  }
  return foreign;
}
