import type { PlannedChord } from '../canvas/plan.js';
import { type ResultNode, tupleOf } from '../canvas/result-node.js';
import type { Chord } from '../ports/chord-part.js';

/** Celery's document of a group, as `GroupResult.save` writes it. */
export const groupDocument = (node: ResultNode): string => JSON.stringify({ result: tupleOf(node) });

/**
 * A planned chord as the store begins it. What is recorded for the sweeper is its body, and its header as Celery's tuple.
 *
 * @param owner the same for a repeat of the same plan
 */
export const chordOf = (
  { groupId, size, body, structure, header }: PlannedChord,
  owner: string,
  ttlMs: number | undefined,
): Chord => ({
  groupId,
  size,
  owner,
  structure: structure === undefined ? undefined : groupDocument(structure),
  record: JSON.stringify({ body, header: tupleOf(header) }),
  ttlMs,
});
