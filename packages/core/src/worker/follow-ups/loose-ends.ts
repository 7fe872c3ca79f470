import type { DecodeOptions } from '../../message/decode-task.js';
import type { Stores } from '../../stores/stores.js';
import { chordBody } from './chord-body.js';
import type { FollowParts, FollowUps } from './following.js';
import { destinationsOf, prepare } from './prepare.js';

export interface LooseEndsParts {
  readonly stores: Stores;
  readonly follow: FollowParts;
  readonly decoding: DecodeOptions;
  readonly createMissingQueues: boolean;
}

/** Carries out what follows an end that belongs to no delivery: a message that found no queue, a chord that was given up. */
export class LooseEnds {
  constructor(private readonly parts: LooseEndsParts) {}

  async tie(followed: FollowUps): Promise<void> {
    const { stores, follow, decoding, createMissingQueues } = this.parts;
    const { results } = stores;
    await prepare(followed, destinationsOf(followed, stores, createMissingQueues), stores);
    if (followed.results.length > 0)
      await results?.put({ results: followed.results, deadline: stores.deadline() });
    for (const joining of followed.joins) {
      const { part } = joining;
      const joined = await results?.join({ part, deadline: stores.deadline() });
      if (joined?.kind !== 'complete') continue;
      await this.tie(chordBody(joining, joined, { id: part.taskId, rootId: part.taskId }, follow, decoding));
      await results?.closeChord({ groupId: part.groupId, deadline: stores.deadline() });
    }
    const publications = followed.followers.map(({ publication }) => publication);
    if (publications.length > 0) await stores.broker.publish({ publications, deadline: stores.deadline() });
  }
}
