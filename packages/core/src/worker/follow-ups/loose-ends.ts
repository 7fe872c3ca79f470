import { CHORD_ID_TAKEN } from '../../errors/canvas-errors.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import type { Stores } from '../../stores/stores.js';
import { asCopy } from '../body-copies.js';
import { chordBody } from './chord-body.js';
import { failedPlans } from './failed-plans.js';
import type { Follower, FollowParts, FollowUps } from './following.js';
import { endOfLost, lostFollowers, unroutable } from './lost-followers.js';
import { destinationsOf, prepare } from './prepare.js';

export interface LooseEndsParts {
  readonly stores: Stores;
  readonly follow: FollowParts;
  readonly decoding: DecodeOptions;
  readonly createMissingQueues: boolean;
  /** For the names of copies of messages. */
  readonly newId: () => string;
  /** Told what an operator should know and nobody waits for. */
  readonly onProblem: (error: unknown) => void;
}

/** Carries out what follows an end that belongs to no delivery: a message that found no queue, a chord that was given up. */
export class LooseEnds {
  constructor(private readonly parts: LooseEndsParts) {}

  /** What can not be sent fails in its turn; it comes to an end, since callbacks for failures are smaller than what they belong to. */
  async tie(followed: FollowUps): Promise<void> {
    await this.follow(followed, false);
  }

  /** @param again the same may be sent once more, should its chord not be closed */
  private async follow(followed: FollowUps, again: boolean): Promise<void> {
    const { stores, follow, decoding, createMissingQueues } = this.parts;
    const { results } = stores;
    const taken = await prepare(followed, destinationsOf(followed, stores, createMissingQueues), stores);
    if (followed.results.length > 0)
      await results?.put({ results: followed.results, deadline: stores.deadline() });
    if (taken === undefined) {
      await this.send(followed.followers, again);
    } else {
      const error = CHORD_ID_TAKEN.create({ groupId: taken });
      this.parts.onProblem(error);
      await this.tie(failedPlans(followed.followers, followed.chords, error, follow));
    }
    for (const joining of followed.joins) {
      const { part } = joining;
      const joined = await results?.join({ part, deadline: stores.deadline() });
      if (joined?.kind !== 'complete') continue;
      const origin = { id: part.taskId, rootId: part.taskId };
      await this.follow(chordBody(joining, joined, origin, follow, decoding), true);
      await results?.closeChord({ groupId: part.groupId, deadline: stores.deadline() });
    }
  }

  private async send(followers: readonly Follower[], again: boolean): Promise<void> {
    if (followers.length === 0) return;
    const { stores, follow, newId, onProblem } = this.parts;
    const publications = followers.map(({ publication }) =>
      again ? asCopy(publication, newId()) : publication,
    );
    const published = await stores.broker.publish({ publications, deadline: stores.deadline() });
    const lost = lostFollowers(followers, published);
    for (const one of lost) onProblem(unroutable(one));
    if (lost.length > 0) await this.tie(endOfLost(lost, follow));
  }
}
