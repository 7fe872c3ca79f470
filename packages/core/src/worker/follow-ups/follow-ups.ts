import type { ChordPart } from '../../ports/chord-part.js';
import type { Publication } from '../../ports/publication.js';
import type { ConclusionParts } from '../conclusion-parts.js';
import type { Outcome } from '../outcome.js';
import type { Run } from '../run.js';

/** What goes out together with the end of a task. */
export interface FollowUps {
  /** Messages to send, with ids that are the same however often they are made. */
  readonly publishes: readonly Publication[];
  /** The chord that the task is a part of. */
  readonly joins: readonly ChordPart[];
}

const nothing: FollowUps = { publishes: [], joins: [] };

/** What follows a run that has come to its final outcome: not one that is retried, postponed or handed back. */
export function followUps(_run: Run, _outcome: Outcome, _parts: ConclusionParts): FollowUps {
  return nothing;
}
