import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import { isChunks } from './chunks.js';
import { pipe } from './pipe.js';
import { bodyOf, kindOf, listOption, makeTask, tasksOf } from './signature-shape.js';

/**
 * What can take the place of one task: a signature that gives one value. One that ends with a group is followed by Celery's
 * `accumulate`, which gives the array of its values. (Celery does so for a bare group only: of a chain that ends with one, or a chord
 * whose body is one, each member becomes a part of the chord that waits for the task, and that ends too early.)
 *
 * @param id of the task, which the end gets
 * @param nesting how many tasks stand under this id before; what is made for the end must not get ids that were given before
 * @throws LOVAGE_SIGNATURE_INVALID when it has no end, or is said to be a part of another chord
 */
export function replacementOf(signature: SignatureJson, id: string, nesting: number): SignatureJson {
  checkStandIn(signature);
  const one = endsWithGroup(signature)
    ? pipe(signature, makeTask('celery.accumulate', [], { index: 0 }))
    : signature;
  return withEndOptions(one, { task_id: id, replaced_task_nesting: nesting });
}

/**
 * Refuses what can neither take the place of a task nor stand beside it in its chord.
 *
 * @throws LOVAGE_SIGNATURE_INVALID
 */
export function checkStandIn(signature: SignatureJson): void {
  if (kindOf(signature) === 'chain' && tasksOf(signature).length === 0)
    throw SIGNATURE_INVALID.create({
      problem: 'an empty chain has no end, so what waits for it would wait for ever',
    });
  if ((signature.options['chord'] ?? undefined) !== undefined)
    throw SIGNATURE_INVALID.create({
      problem: 'it becomes a part of the chord of this task, and can not be a part of another one',
    });
}

function endsWithGroup(json: SignatureJson): boolean {
  switch (kindOf(json)) {
    case 'group':
      return true;
    case 'chain':
      return lastOf(tasksOf(json)).some(endsWithGroup);
    case 'chord':
      return endsWithGroup(bodyOf(json));
    case 'task':
  }
  if (isChunks(json)) return true;
  // The rest of a chain that a task carries stands with the last step first.
  return listOption(json.options, 'chain').slice(0, 1).some(endsWithGroup);
}

const lastOf = <T>(all: readonly T[]): readonly T[] => all.slice(-1);

/** With options at its end, in place of those that it has. */
function withEndOptions(json: SignatureJson, options: SignatureJson['options']): SignatureJson {
  const own = { ...json, options: { ...json.options, ...options } };
  switch (kindOf(json)) {
    case 'chain': {
      const tasks = tasksOf(json);
      const ends = lastOf(tasks).map((end) => withEndOptions(end, options));
      return { ...own, kwargs: { ...json.kwargs, tasks: [...tasks.slice(0, -1), ...ends] } };
    }
    case 'chord':
      return { ...own, kwargs: { ...json.kwargs, body: withEndOptions(bodyOf(json), options) } };
    case 'group':
    case 'task':
  }
  const [last, ...others] = listOption(json.options, 'chain');
  if (last === undefined) return own;
  return { ...json, options: { ...json.options, chain: [withEndOptions(last, options), ...others] } };
}
