import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import type { Plan } from './plan.js';
import type { ResultNode } from './result-node.js';

/**
 * Refuses a workflow in which one id stands for two things: results are kept by task id and parts counted by it, so one would be taken
 * for the other, and a chord would wait for ever.
 *
 * @throws LOVAGE_SIGNATURE_INVALID
 */
export function checkDistinctIds({ node, tasks, chords }: Plan): void {
  if (tasks.length === 1 && chords.length === 0 && node.parent === undefined) return;
  const taskIds = new Set<string>();
  const seen = new Set<ResultNode>();
  for (const { id } of tasks) addTo(taskIds, id, 'task');
  const begun = new Set(taskIds);
  const walk = (one: ResultNode): void => {
    if (seen.has(one)) return;
    seen.add(one);
    // What begins now has been counted as a message.
    if (one.kind === 'task' && !begun.delete(one.id)) addTo(taskIds, one.id, 'task');
    if (one.kind === 'group') for (const member of one.members) walk(member);
    if (one.parent !== undefined) walk(one.parent);
  };
  walk(node);
  const groupIds = new Set<string>();
  for (const { groupId } of chords) addTo(groupIds, groupId, 'group');
}

function addTo(ids: Set<string>, id: string, of: 'task' | 'group'): void {
  if (ids.has(id))
    throw SIGNATURE_INVALID.create({
      problem: `the ${of} id "${id}" stands in it twice. Leave ids out, so that each gets its own`,
    });
  ids.add(id);
}
