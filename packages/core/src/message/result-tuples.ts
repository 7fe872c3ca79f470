import type { ResultTuple } from './result-record.js';

/** A chain of this many parents is longer than any workflow. */
const maxDepth = 60;

/** Reads handles in Celery's form. What is none is left out: handles are only shown and followed. */
export function resultTuples(value: unknown): readonly ResultTuple[] {
  return Array.isArray(value) ? tuplesAt(value, maxDepth) : none;
}

const none: readonly ResultTuple[] = [];

function tuplesAt(values: readonly unknown[], depth: number): readonly ResultTuple[] {
  return values.map((value) => tupleAt(value, depth)).filter((tuple) => tuple !== null);
}

function tupleAt(value: unknown, depth: number): ResultTuple | null {
  if (depth === 0 || !Array.isArray(value) || !Array.isArray(value[0])) return null;
  const [id, parent] = value[0] as readonly unknown[];
  if (typeof id !== 'string') return null;
  const members: unknown = value[1];
  return [[id, tupleAt(parent, depth - 1)], Array.isArray(members) ? tuplesAt(members, depth - 1) : null];
}
