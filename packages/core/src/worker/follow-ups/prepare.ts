import type { Stores } from '../../stores/stores.js';
import type { FollowUps } from './following.js';

/** Queues that must be declared before the messages can be sent. */
export function destinationsOf(
  { followers }: FollowUps,
  stores: Stores,
  createMissing: boolean,
): readonly string[] {
  if (!createMissing || followers.length === 0) return [];
  const missing = new Set<string>();
  for (const { publication } of followers) {
    if (publication.exchange === '' && !stores.declared(publication.routingKey))
      missing.add(publication.routingKey);
  }
  return [...missing];
}

/** Declares queues and begins chords. @returns the id of a chord that can not begin, since another one has it */
export async function prepare(
  { chords }: FollowUps,
  missing: readonly string[],
  stores: Stores,
): Promise<string | undefined> {
  await Promise.all(missing.map(async (queue) => await stores.declareQueue(queue)));
  const { results } = stores;
  if (results === undefined) return undefined;
  const openings = await Promise.all(
    chords.map(async (chord) => await results.openChord({ chord, deadline: stores.deadline() })),
  );
  return chords.find((_, index) => openings[index]?.kind === 'taken')?.groupId;
}
