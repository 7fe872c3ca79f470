import type { Deadline } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { inspectHeldCountsScript, inspectHeldScript } from '../scripts/inspect-held.js';
import type { LuaScript } from '../scripts/lua-script.js';
import type { Owners } from './owners.js';

/** Consumers that one call is told of. */
const ownersPerCall = 500;

/** A delivery in hand. */
export interface Held {
  readonly tag: string;
  /** Seconds since 1970 UTC, of the delivery or of the last renewal. */
  readonly score: number;
  /** Among those of one instant. */
  readonly position: number;
}

/** How many deliveries of each queue Lovage's consumers have in hand. */
export async function countHeld(
  store: RedisStore,
  { ids }: Owners,
  deadline: Deadline,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const found of answers(store, inspectHeldCountsScript, [], ids, deadline)) {
    for (let n = 0; n < found.length; n += 2) {
      const queue = String(found[n]);
      counts.set(queue, (counts.get(queue) ?? 0) + Number(found[n + 1]));
    }
  }
  return counts;
}

/** Tags of all that Lovage's consumers have in hand, and what of it is of one queue. */
export async function listHeld(
  store: RedisStore,
  { ids }: Owners,
  queue: string,
  deadline: Deadline,
): Promise<{ readonly tags: ReadonlySet<string>; readonly held: readonly Held[] }> {
  const tags = new Set<string>();
  const held: Held[] = [];
  for await (const found of answers(store, inspectHeldScript, [queue], ids, deadline)) {
    for (let n = 0; n < found.length; n += 4) {
      const tag = String(found[n]);
      tags.add(tag);
      if (found[n + 2] === 1) held.push({ tag, score: Number(found[n + 1]), position: Number(found[n + 3]) });
    }
  }
  return { tags, held };
}

/** Asks for all owners, as many with each call as the script looks at. */
async function* answers(
  store: RedisStore,
  script: LuaScript,
  args: readonly string[],
  owners: readonly string[],
  deadline: Deadline,
): AsyncGenerator<readonly (string | number)[]> {
  for (let from = 0; from < owners.length; ) {
    const part = owners.slice(from, from + ownersPerCall);
    const answer = await store.run(script, deadline, [...args, part.length, ...part]);
    const [looked, ...found] = answer as readonly (string | number)[];
    yield found;
    from += Math.max(1, Number(looked));
  }
}
