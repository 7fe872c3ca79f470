import { withErrorLinks, withLinks } from '../../canvas/links.js';
import { replacementOf } from '../../canvas/replacement.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { TaskMessage } from '../../message/task-message.js';
import { Following, type FollowParts, type FollowUps } from './following.js';

/**
 * Puts a signature in the place of a task: its end gets the id of the task, what was to follow the task follows it, and it is a part of the
 * same chord.
 */
export function followReplacement(
  message: TaskMessage,
  signature: SignatureJson,
  parts: FollowParts,
): FollowUps {
  const { id, embed, group, groupIndex, replacedTaskNesting = 0 } = message;
  const { callbacks, errbacks, chain, chord } = embed;
  const nesting = replacedTaskNesting + 1;
  const one = replacementOf(signature, id, nesting);
  const following = new Following(parts, message, `replace:${nesting}`);
  following.apply(withErrorLinks(withLinks(one, callbacks ?? []), errbacks ?? []), [], {
    task_id: id,
    ...(chord !== null && { chord }),
    ...(group !== undefined && { group_id: group }),
    ...(groupIndex !== undefined && { group_index: groupIndex }),
    ...(chain !== null && chain.length > 0 && { chain }),
    replaced_task_nesting: nesting,
  });
  return following;
}
