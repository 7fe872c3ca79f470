import type { Deadline } from '@lovage/core';
import type { RedisStore } from '../redis-store.js';
import { inspectOwnersScript } from '../scripts/inspect-unsettled.js';

/** Lovage's consumers, and how many deliveries there are of all. */
export interface Owners {
  /** Whether the queue that was asked for is known. */
  readonly known: boolean;
  /** Those that have something in hand, or may; also those whose lease is over, until somebody gives back what they had. */
  readonly ids: readonly string[];
  /** Living consumers, by queue. */
  readonly consumers: ReadonlyMap<string, number>;
  /** Deliveries in hand, Python's too. */
  readonly deliveries: number;
}

export async function readOwners(store: RedisStore, queue: string, deadline: Deadline): Promise<Owners> {
  const answer = await store.run(inspectOwnersScript, deadline, [queue]);
  const [known, now, deliveries, leases, queues] = answer as readonly [
    number,
    number,
    number,
    readonly string[],
    readonly string[],
  ];
  const jsonOf = new Map<string, string>();
  for (let n = 0; n < queues.length; n += 2) jsonOf.set(queues[n] ?? '', queues[n + 1] ?? '');
  const ids: string[] = [];
  const consumers = new Map<string, number>();
  for (let n = 0; n < leases.length; n += 2) {
    const owner = leases[n] ?? '';
    ids.push(owner);
    if (Number(leases[n + 1]) <= now) continue;
    for (const name of queuesIn(jsonOf.get(owner))) consumers.set(name, (consumers.get(name) ?? 0) + 1);
  }
  return { known: known === 1, ids, consumers, deliveries };
}

function queuesIn(json: string | undefined): readonly string[] {
  try {
    const value: unknown = JSON.parse(json ?? '[]');
    return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
