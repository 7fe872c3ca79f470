import { readSignature } from '../../canvas/signature-shape.js';
import { TaskState } from '../../message/task-state.js';
import type { Chord } from '../../ports/chord-part.js';
import { followFailure } from './follow-failure.js';
import { failureRecord, type Follower, Following, type FollowParts, type FollowUps } from './following.js';

/** The end of what was planned and can not be sent: as if each of its tasks had run and failed. */
export function failedPlans(
  followers: readonly Follower[],
  chords: readonly Chord[],
  error: Error | ((follower: Follower) => Error),
  parts: FollowParts,
): FollowUps {
  const ends: FollowUps[] = [];
  for (const follower of followers) {
    const { planned } = follower;
    const own = typeof error === 'function' ? error(follower) : error;
    const { replyTo } = follower.publication.message.properties;
    const following = new Following(parts, { ...planned, replyTo }, 'unsent');
    following.failAll({ ids: [planned.id], parts: [] }, failureRecord(TaskState.FAILURE, own));
    const { callbacks, errbacks, chain, chord } = planned;
    // Parts of a chord that has not begun are counted by nobody.
    const begun = chord !== null && chords.every(({ groupId }) => groupId !== planned.groupId) ? chord : null;
    const message = {
      ...planned,
      group: planned.groupId,
      retries: 0,
      embed: { callbacks, errbacks, chain, chord: begun },
    };
    ends.push(followFailure(message, TaskState.FAILURE, own, following));
  }
  for (const { record, groupId } of chords) {
    const { body } = JSON.parse(record) as { readonly body: unknown };
    const own = typeof error === 'function' ? undefined : error;
    const following = new Following(parts, { id: groupId, rootId: groupId }, 'unsent-chord');
    following.fail([readSignature(body)], failureRecord(TaskState.FAILURE, own));
    ends.push(following);
  }
  return {
    followers: ends.flatMap((end) => end.followers),
    chords: ends.flatMap((end) => end.chords),
    results: ends.flatMap((end) => end.results),
    joins: ends.flatMap((end) => end.joins),
    children: [],
  };
}
