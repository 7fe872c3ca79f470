import type { SignatureJson } from '../message/signature-json.js';
import { chunkGroup, isChunks } from './chunks.js';
import { bodyOf, kindOf, listOption, tasksOf } from './signature-shape.js';

/**
 * How many parts a member of a header counts for, as Celery counts: a task one, a group all of its members, a chain what its last
 * step that is not empty counts for, a chord what its body does.
 */
export function chordSize(member: SignatureJson): number {
  switch (kindOf(member)) {
    case 'group':
      return tasksOf(member).reduce((size, task) => size + chordSize(task), 0);
    case 'chain':
      return lastSize(tasksOf(member).toReversed());
    case 'chord':
      return chordSize(bodyOf(member));
    case 'task':
  }
  if (isChunks(member)) return tasksOf(chunkGroup(member)).length;
  // What was frozen carries the rest of its chain, the last step first.
  const rest = listOption(member.options, 'chain');
  return rest.length === 0 ? 1 : lastSize([...rest, { ...member, options: {} }]);
}

function lastSize(steps: readonly SignatureJson[]): number {
  for (const step of steps) {
    const size = chordSize(step);
    if (size > 0) return size;
  }
  return 0;
}
