import type { SignatureJson } from '../message/signature-json.js';
import { withListed } from './links.js';
import { bodyOf, headerOf, kindOf, listOption, makeChain, makeChord, tasksOf } from './signature-shape.js';

/**
 * Celery's `|`: first one, then the other with its value. A group that is followed by a task becomes a chord, what follows a chord
 * becomes a part of its body, and chains become one. Other than in Celery a group of one stays a group, so that what follows it always
 * gets an array.
 */
export function pipe(left: SignatureJson, right: SignatureJson): SignatureJson {
  const other = kindOf(right);
  if (kindOf(left) === 'chain') return pipeChain(left, right);
  if (other === 'chain' && kindOf(left) !== 'group') return makeChain([left, ...unchained(right)]);
  if (kindOf(left) === 'group') return makeChord(tasksOf(left), right);
  if (kindOf(left) === 'chord' && other !== 'group') return withBody(left, pipe(bodyOf(left), right));
  return makeChain([left, right]);
}

/** As if each were piped to what comes before it. */
export const pipeAll = (steps: readonly SignatureJson[]): SignatureJson =>
  // Each pipe copies what is there already.
  steps.every((step) => kindOf(step) === 'task') ? makeChain(steps) : steps.reduce(pipe, makeChain([]));

function pipeChain(left: SignatureJson, right: SignatureJson): SignatureJson {
  const tasks = tasksOf(left);
  const last = tasks.at(-1);
  const other = kindOf(right);
  if (last === undefined)
    return other === 'group' ? right : makeChain(other === 'chain' ? unchained(right) : [right]);
  // Where a chain is applied a group of one is taken for its member.
  const single = kindOf(last) === 'group' && tasksOf(last).length === 1;
  if (single && (other === 'chain' || other === 'group'))
    return makeChain([...unchained(left).slice(0, -1), makeChord(tasksOf(last), right)]);
  if (other === 'chain') return makeChain([...unchained(left), ...unchained(right)]);
  if (other === 'group') return makeChain([...unchained(left), right]);
  const joined =
    kindOf(last) === 'group'
      ? makeChord(tasksOf(last), right)
      : kindOf(last) === 'chord'
        ? withBody(last, pipe(bodyOf(last), right))
        : undefined;
  if (joined === undefined) return makeChain([...unchained(left), right]);
  return { ...left, kwargs: { ...left.kwargs, tasks: [...tasks.slice(0, -1), joined] } };
}

/** The steps of a chain, with what it does on failure at each of them. */
function unchained(chain: SignatureJson): readonly SignatureJson[] {
  const errbacks = listOption(chain.options, 'link_error');
  return tasksOf(chain).map((task) => withListed(task, 'link_error', errbacks));
}

const withBody = (chord: SignatureJson, body: SignatureJson): SignatureJson => ({
  ...chord,
  kwargs: { ...chord.kwargs, body, header: chord.kwargs['header'] ?? headerOf(chord).tasks },
});
