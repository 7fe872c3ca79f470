import type { SignatureJson } from '../message/signature-json.js';
import { bodyOf, headerOf, kindOf, listOption, makeChord, makeGroup, tasksOf } from './signature-shape.js';

/** With signatures added at the end of one of its lists. One that is there already is not added again. */
export function withListed(
  json: SignatureJson,
  name: 'link' | 'link_error',
  added: readonly SignatureJson[],
): SignatureJson {
  if (added.length === 0) return json;
  const list = [...listOption(json.options, name)];
  const known = new Set(list.map((one) => JSON.stringify(one)));
  for (const one of added) {
    const text = JSON.stringify(one);
    if (!known.has(text)) list.push(one);
    known.add(text);
  }
  return { ...json, options: { ...json.options, [name]: list } };
}

/**
 * With callbacks, which run with the value of each success. As in Celery a chord gives them to its body; and a group, where nobody has
 * all values, to its first member, without the value.
 */
export function withLinks(json: SignatureJson, callbacks: readonly SignatureJson[]): SignatureJson {
  if (callbacks.length === 0) return json;
  switch (kindOf(json)) {
    case 'chord':
      return { ...json, kwargs: { ...json.kwargs, body: withLinks(bodyOf(json), callbacks) } };
    case 'group': {
      const [first, ...others] = tasksOf(json);
      if (first === undefined) return json;
      const bare = callbacks.map((callback) => ({ ...callback, immutable: true }));
      return makeGroup([withLinks(first, bare), ...others], json.options);
    }
    case 'task': {
      const [last, ...others] = listOption(json.options, 'chain');
      if (last === undefined) break;
      return { ...json, options: { ...json.options, chain: [withLinks(last, callbacks), ...others] } };
    }
    case 'chain':
  }
  return withListed(json, 'link', callbacks);
}

/** With callbacks for failures: a chord gives them to its body, a group to each of its members. */
export function withErrorLinks(json: SignatureJson, errbacks: readonly SignatureJson[]): SignatureJson {
  if (errbacks.length === 0) return json;
  switch (kindOf(json)) {
    case 'chord':
      return { ...json, kwargs: { ...json.kwargs, body: withErrorLinks(bodyOf(json), errbacks) } };
    case 'group':
      return makeGroup(
        tasksOf(json).map((task) => withErrorLinks(task, errbacks)),
        json.options,
      );
    case 'chain':
    case 'task':
  }
  return withListed(json, 'link_error', errbacks);
}

/** Celery's `set_immutable`: of a group and of a chord's header it is the members that take no more arguments. */
export function withImmutable(json: SignatureJson, immutable: boolean): SignatureJson {
  const each = (tasks: readonly SignatureJson[]): SignatureJson[] =>
    tasks.map((task) => withImmutable(task, immutable));
  switch (kindOf(json)) {
    case 'group':
      return makeGroup(each(tasksOf(json)), json.options);
    case 'chord':
      return makeChord(each(headerOf(json).tasks), bodyOf(json), json.options);
    case 'chain':
    case 'task':
  }
  return { ...json, immutable };
}
