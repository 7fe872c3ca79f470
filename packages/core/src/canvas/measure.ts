import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import { bodyOf, headerOf, kindOf, listOption, tasksOf } from './signature-shape.js';

/** What a signature holds. */
export interface Measure {
  /** Signatures in it, itself included. */
  readonly count: number;
  /** Levels of compositions in it, callbacks included. A task alone has 1. */
  readonly depth: number;
}

/** Signatures that one composition may hold. */
export const mostSignatures = 100_000;
/** Levels of compositions: more would not fit into a message (`limits.maxDepth`). */
export const deepest = 30;

const known = new WeakMap<SignatureJson, Measure>();

/**
 * Looks through a signature when it is built, so that what can never be sent is refused where it was written.
 *
 * @throws LOVAGE_SIGNATURE_INVALID when it holds itself, too many others, or is nested too deep
 */
export function measure(json: SignatureJson): Measure {
  return measureAt(json, new Set());
}

function measureAt(json: SignatureJson, above: Set<SignatureJson>): Measure {
  const before = known.get(json);
  if (before !== undefined) return before;
  if (above.has(json)) throw SIGNATURE_INVALID.create({ problem: `"${json.task}" is a part of itself` });
  if (above.size >= deepest)
    throw SIGNATURE_INVALID.create({ problem: `it is nested more than ${deepest} levels deep` });
  above.add(json);
  let count = 1;
  let below = 0;
  for (const inner of partsOf(json)) {
    const one = measureAt(inner, above);
    count += one.count;
    below = Math.max(below, one.depth);
  }
  above.delete(json);
  if (count > mostSignatures)
    throw SIGNATURE_INVALID.create({
      problem: `it holds ${count} signatures, at most ${mostSignatures} are allowed`,
    });
  if (below + 1 > deepest)
    throw SIGNATURE_INVALID.create({ problem: `it is nested more than ${deepest} levels deep` });
  const measured = { count, depth: below + 1 };
  known.set(json, measured);
  return measured;
}

function partsOf(json: SignatureJson): readonly SignatureJson[] {
  const linked = ['link', 'link_error', 'chain'].flatMap((name) => listOption(json.options, name));
  switch (kindOf(json)) {
    case 'chain':
    case 'group':
      return linked.length === 0 ? tasksOf(json) : [...tasksOf(json), ...linked];
    case 'chord':
      return [...headerOf(json).tasks, bodyOf(json), ...linked];
    case 'task':
  }
  return linked;
}
