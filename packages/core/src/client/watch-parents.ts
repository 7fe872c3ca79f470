import type { ResultNode } from '../canvas/result-node.js';
import type { Timer } from '../clock/clock.js';
import { hasFailed } from '../message/task-state.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { ResultAccess } from './result-access.js';

/** Our workers tell all that waits of a failure. Python's do not always, so somebody must look from time to time. */
const everyMs = 3000;

/**
 * Ends a wait for the end of a workflow when a task before it has failed and nobody has told the end: a Python worker leaves the steps
 * behind a revoked one, those behind the first step of the body of a failed chord, and the members of a group behind any task that fails,
 * PENDING for ever.
 *
 * @returns ends it
 */
export function watchParents(
  wait: { onRecord(stored: StoredResult): void },
  node: ResultNode,
  access: ResultAccess,
): () => void {
  const parents = tasksBefore(node);
  let suspect: string | undefined;
  let timer: Timer | undefined;
  let over = parents.length === 0;
  const look = async (): Promise<void> => {
    const states = await access.states(parents);
    const found = parents[states.findIndex((state) => state !== undefined && hasFailed(state))];
    // Once more: what the failed one has to tell may be on its way.
    if (found !== undefined && found === suspect) {
      const stored = await access.read(found);
      if (stored !== undefined && !over) wait.onRecord(stored);
    }
    suspect = found;
  };
  const later = (): void => {
    if (!over) timer = access.clock.after(everyMs, () => void look().then(later, later));
  };
  later();
  return () => {
    over = true;
    timer?.cancel();
  };
}

function tasksBefore(node: ResultNode): readonly string[] {
  const ids: string[] = [];
  for (let before = node.parent; before !== undefined; before = before.parent)
    if (before.kind === 'task') ids.push(before.id);
  return ids;
}
