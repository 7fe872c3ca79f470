import type { ChordPart, Joined, PutOutcome, StoredResult } from '@lovage/core';
import type { LuaArgument } from '../scripts/lua-script.js';
import { showsState } from './document-state.js';

const success = 'SUCCESS';
const otherFinal: ReadonlySet<string> = new Set(['FAILURE', 'REVOKED']);
/** Longest time to live, about 3,000 years: the server takes no longer one. */
const longestMs = 1e14;

/** What a state may be replaced by, see `keeping` in scripts/parts.ts. */
export const rankOf = (state: string): 'S' | 'F' | 'E' =>
  state === success ? 'S' : otherFinal.has(state) ? 'F' : 'E';

/** Adds a result as the scripts read it, see `keeping` in scripts/parts.ts. */
export function addResult(args: LuaArgument[], { taskId, state, document, ttlMs }: StoredResult): void {
  args.push(taskId, rankOf(state), timeToLive(ttlMs), showsState(document, state) ? '' : state, document);
}

/** Adds a finished part of a chord, see `joining` in scripts/parts.ts. */
export function addPart(args: LuaArgument[], part: ChordPart): void {
  const { groupId, taskId, groupIndex, ttlMs, adds = 0, document } = part;
  // What is no number would end the script half-way.
  const position = Number.isFinite(groupIndex) ? (groupIndex as number) : '';
  args.push(groupId, taskId, position, timeToLive(ttlMs), adds, document);
}

/** What `keep` gives. */
export const readPut = (answer: unknown): PutOutcome => (answer === 1 ? stored : refused);

/** What `join` gives: a number of parts, or all documents and the one of the group. */
export function readJoined(answer: unknown): Joined {
  if (!Array.isArray(answer)) return { kind: 'waiting', count: Number(answer) };
  const [documents, structure] = answer as [readonly Buffer[], Buffer];
  return { kind: 'complete', documents, ...(structure.length > 0 && { structure }) };
}

const stored: PutOutcome = { kind: 'stored' };
const refused: PutOutcome = { kind: 'refused' };

/** Whole milliseconds; `''`: for ever. The server takes no 0. */
export const timeToLive = (ms: number | undefined): number | '' =>
  ms === undefined ? '' : Math.min(longestMs, Math.max(1, Math.ceil(ms)));
