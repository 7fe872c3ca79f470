import type { SignatureJson } from '../message/signature-json.js';
import { chunkGroup, isChunks } from './chunks.js';
import { withErrorLinks, withLinks } from './links.js';
import { bodyOf, headerOf, kindOf, listOption, makeChain, makeChord, tasksOf } from './signature-shape.js';

/**
 * The steps of a chain in the form in which they are run: plain tasks one after the other, and nothing but the last one may be a
 * group or a chord. Chains in it are taken apart. A group that something follows becomes a chord whose body is all the rest, a
 * group of one its member, as in Celery; what follows a chord becomes a part of its body, an empty group leaves it with `[]`.
 *
 * @param steps in running order
 */
export function normalSteps(steps: readonly SignatureJson[]): readonly SignatureJson[] {
  let rest: readonly SignatureJson[] = [];
  for (let at = steps.length - 1; at >= 0; at -= 1) rest = before(steps[at] as SignatureJson, rest);
  const last = rest.at(-1);
  // Nobody would come to the end of a chain that ends with nothing.
  return rest.length > 1 && last !== undefined && isEmptyGroup(last) ? rest.slice(0, -1) : rest;
}

function before(step: SignatureJson, rest: readonly SignatureJson[]): readonly SignatureJson[] {
  switch (kindOf(step)) {
    case 'chain': {
      const steps = normalSteps(stepsOf(step));
      return rest.length === 0 ? steps : normalSteps([...steps, ...rest]);
    }
    case 'group': {
      if (rest.length === 0) return [step];
      const tasks = tasksOf(step);
      const [only] = tasks;
      if (tasks.length === 1 && only !== undefined) return normalSteps([only, ...rest]);
      return [makeChord({ ...step, options: idOnly(step) }, asOne(rest))];
    }
    case 'chord': {
      if (rest.length === 0) return [step];
      const header = step.kwargs['header'] ?? headerOf(step).tasks;
      const body = asOne(normalSteps([bodyOf(step), ...rest]));
      return [{ ...step, kwargs: { ...step.kwargs, header, body } }];
    }
    case 'task':
  }
  // Other than a group that is written as one, also with a single chunk: it always gives an array.
  if (isChunks(step) && rest.length > 0)
    return [makeChord({ ...chunkGroup(step), options: idOnly(step) }, asOne(rest))];
  return [step, ...rest];
}

/** The steps of a chain with what the chain itself asks for: errbacks at each, callbacks at the last, its arguments at the first. */
export function stepsOf(chain: SignatureJson): readonly SignatureJson[] {
  const { options, args } = chain;
  const tasks = tasksOf(chain);
  const callbacks = listOption(options, 'link');
  const errbacks = listOption(options, 'link_error');
  if (callbacks.length === 0 && errbacks.length === 0 && args.length === 0) return tasks;
  return tasks.map((task, at) => {
    const taking =
      at === 0 && args.length > 0 && !task.immutable ? { ...task, args: [...args, ...task.args] } : task;
    const linked = at === tasks.length - 1 ? withLinks(taking, callbacks) : taking;
    return withErrorLinks(linked, errbacks);
  });
}

const isEmptyGroup = (json: SignatureJson): boolean => kindOf(json) === 'group' && tasksOf(json).length === 0;

/** Steps as one signature. */
export const asOne = (steps: readonly SignatureJson[]): SignatureJson => {
  const [only] = steps;
  return only !== undefined && steps.length === 1 ? only : makeChain(steps);
};

const idOnly = ({ options }: SignatureJson): SignatureJson['options'] =>
  options['task_id'] === undefined ? {} : { task_id: options['task_id'] };
