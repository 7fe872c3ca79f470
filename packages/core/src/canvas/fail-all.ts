import type { SignatureJson } from '../message/signature-json.js';
import { flatMembers } from './flat-members.js';
import { bodyOf, headerOf, kindOf, listOption, tasksOf, textOption } from './signature-shape.js';

/** A chord that must hear of the end of one of its parts. */
export interface FailedPart {
  readonly groupId: string;
  readonly groupIndex: number | undefined;
  readonly taskId: string;
  readonly chord: SignatureJson;
}

/** What does not run any more. */
export interface Failures {
  /** Ids under which the failure is stored. */
  readonly ids: readonly string[];
  readonly parts: readonly FailedPart[];
}

/**
 * Everything in a signature that will never run, since what stands before it has failed: each id that somebody may wait for, and each
 * chord that waits for it. Celery leaves out what stands inside of groups and chords, and these stay PENDING for ever.
 *
 * @param options that the signature would have been applied with
 */
export function failAll(signatures: readonly SignatureJson[]): Failures {
  const ids: string[] = [];
  const parts: FailedPart[] = [];
  for (const json of signatures) collect(json, undefined, ids, parts);
  return { ids, parts };
}

/** Chord and group that a composition gives to its end. */
interface Outer {
  readonly chord: SignatureJson | undefined;
  readonly groupId: string | undefined;
  readonly groupIndex: number | undefined;
}

function collect(json: SignatureJson, given: Outer | undefined, ids: string[], parts: FailedPart[]): void {
  const outer = outerOf(json, given);
  switch (kindOf(json)) {
    case 'chain': {
      const tasks = tasksOf(json);
      for (const [at, task] of tasks.entries())
        collect(task, at === tasks.length - 1 ? outer : undefined, ids, parts);
      return;
    }
    case 'group':
      for (const member of flatMembers(tasksOf(json))) collect(member, outer, ids, parts);
      return;
    case 'chord':
      // Nobody counts the parts of its own header: it never begins.
      for (const member of flatMembers(headerOf(json).tasks)) collect(member, undefined, ids, []);
      collect(bodyOf(json), outer, ids, parts);
      return;
    case 'task':
  }
  const id = textOption(json, 'task_id');
  if (id !== undefined) {
    ids.push(id);
    if (outer?.chord !== undefined && outer.groupId !== undefined)
      parts.push({ groupId: outer.groupId, groupIndex: outer.groupIndex, taskId: id, chord: outer.chord });
  }
  for (const step of listOption(json.options, 'chain')) collect(step, undefined, ids, parts);
}

function outerOf({ options }: SignatureJson, given: Outer | undefined): Outer | undefined {
  const { chord, group_id: groupId, group_index: groupIndex } = options;
  if (chord === undefined && groupId === undefined) return given;
  return {
    chord: (chord as SignatureJson | undefined | null) ?? given?.chord,
    groupId: typeof groupId === 'string' ? groupId : given?.groupId,
    groupIndex: typeof groupIndex === 'number' ? groupIndex : given?.groupIndex,
  };
}

/** Callbacks for the failure of a chord: those of its body, which would have run first. */
export function errbacksOf(body: SignatureJson): readonly SignatureJson[] {
  const own = listOption(body.options, 'link_error');
  switch (kindOf(body)) {
    case 'chain': {
      const [first] = tasksOf(body);
      return first === undefined ? own : merged(own, errbacksOf(first));
    }
    case 'group':
      return merged(own, tasksOf(body).flatMap(errbacksOf));
    case 'chord':
      return merged(own, errbacksOf(bodyOf(body)));
    case 'task':
  }
  return own;
}

/** The id that a failed chord has for its callbacks: that of its body, of a chain the one of its end. */
export function bodyId(body: SignatureJson): string | undefined {
  switch (kindOf(body)) {
    case 'chain': {
      const [first] = tasksOf(body);
      return textOption(body, 'task_id') ?? (first === undefined ? undefined : bodyId(first));
    }
    case 'chord':
      return bodyId(bodyOf(body));
    case 'group':
    case 'task':
  }
  return textOption(body, 'task_id');
}

function merged(first: readonly SignatureJson[], second: readonly SignatureJson[]): readonly SignatureJson[] {
  const known = new Set(first.map((one) => JSON.stringify(one)));
  return [...first, ...second.filter((one) => !known.has(JSON.stringify(one)))];
}
