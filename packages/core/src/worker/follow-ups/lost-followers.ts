import { UNROUTABLE } from '../../errors/client-errors.js';
import type { PublishOutcome } from '../../ports/publication.js';
import { failedPlans } from './failed-plans.js';
import type { Follower, FollowParts, FollowUps } from './following.js';

/** Messages for which no queue was found. */
export function lostFollowers(
  followers: readonly Follower[],
  published: readonly PublishOutcome[] | undefined,
): readonly Follower[] {
  return published === undefined
    ? []
    : followers.filter((_, index) => published[index]?.kind === 'unroutable');
}

/** A follow-up without a queue fails its workflow: nobody would ever run it. */
export const endOfLost = (lost: readonly Follower[], parts: FollowParts): FollowUps =>
  failedPlans(lost, [], unroutable, parts);

export const unroutable = ({ planned, publication }: Follower): Error =>
  UNROUTABLE.create({
    taskId: planned.id,
    taskName: planned.task,
    exchange: publication.exchange,
    routingKey: publication.routingKey,
  });
