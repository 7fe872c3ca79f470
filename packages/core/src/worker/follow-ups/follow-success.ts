import { chordSize } from '../../canvas/chord-size.js';
import { kindOf, makeGroup } from '../../canvas/signature-shape.js';
import { withoutLast } from '../../message/read-signatures.js';
import { TaskState } from '../../message/task-state.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { TaskMessage } from '../../message/task-message.js';
import type { FollowUps, Following } from './following.js';

/**
 * What Celery's worker does after a success: callbacks (several as one group, but groups one by one), then the next step of the chain, then
 * the part of the chord, with what the task has added to that.
 */
export function followSuccess(
  { id, embed, group, groupIndex }: TaskMessage,
  value: unknown,
  added: readonly SignatureJson[],
  following: Following,
): FollowUps {
  const { callbacks, chain, chord } = embed;
  const [only] = callbacks ?? [];
  if (callbacks?.length === 1 && only !== undefined) {
    following.apply(only, [value]);
  } else if (callbacks !== null) {
    for (const callback of callbacks) if (kindOf(callback) === 'group') following.apply(callback, [value]);
    const others = callbacks.filter((callback) => kindOf(callback) !== 'group');
    if (others.length > 0) following.apply(makeGroup(others), [value]);
  }
  const next = chain?.at(-1);
  if (chain !== null && next !== undefined)
    following.apply(next, [value], chain.length > 1 ? { chain: withoutLast(chain) } : {});
  if (chord !== null && group !== undefined) {
    const membership = {
      chord,
      group_id: group,
      ...(groupIndex !== undefined && { group_index: groupIndex }),
    };
    for (const one of added) following.apply(one, [], membership);
    const adds = added.reduce((sum, one) => sum + chordSize(one), 0);
    const document = following.partDocument(id, TaskState.SUCCESS, value ?? null);
    following.join(id, group, groupIndex, document, chord, adds);
  }
  return following;
}
