import type { TaskMessage } from '../../message/task-message.js';
import type { SignatureJson } from '../../message/signature-json.js';
import { unlockCallOf } from '../builtins/chord-unlock.js';
import type { Outcome } from '../outcome.js';
import { chordFailure } from './chord-body.js';
import { Following, type FollowParts, type FollowUps, noFollowUps } from './following.js';

/**
 * What follows `celery.chord_unlock`: the body with the values that it has found, or the end of the chord.
 *
 * @param error why it has found none
 */
export function followUnlock(
  message: TaskMessage,
  outcome: Outcome,
  error: unknown,
  parts: FollowParts,
): FollowUps {
  let body: SignatureJson;
  let groupId: string;
  try {
    ({ body, groupId } = unlockCallOf(message));
  } catch {
    // Nobody knows of which chord it is: the failure of the task itself tells.
    return noFollowUps;
  }
  const last = { id: message.id, rootId: message.rootId ?? message.id, stamps: message.stamps };
  if (outcome.kind !== 'succeeded') return chordFailure(groupId, body, error, last, parts);
  try {
    const following = new Following(parts, last, `chord:${groupId}`);
    following.apply(body, [outcome.value]);
    return following;
  } catch (unwritable) {
    return chordFailure(groupId, body, unwritable, last, parts);
  }
}
