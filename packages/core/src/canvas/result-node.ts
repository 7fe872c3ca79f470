import type { ResultTuple } from '../message/result-record.js';

/** A task of a workflow that will have a result. */
export interface TaskNode {
  readonly kind: 'task';
  readonly id: string;
  /** Task name. */
  readonly task: string;
  readonly parent: ResultNode | undefined;
}

/** A group of a workflow; its value is the array of the values of its members. */
export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly members: readonly ResultNode[];
  readonly parent: ResultNode | undefined;
}

/** A handle on what a workflow will give: its end, and by `parent` what came before it. */
export type ResultNode = TaskNode | GroupNode;

/** In Celery's form, for result documents. */
export function tupleOf(node: ResultNode): ResultTuple {
  const parent = node.parent === undefined ? null : tupleOf(node.parent);
  return [[node.id, parent], node.kind === 'task' ? null : node.members.map(tupleOf)];
}

/** From Celery's form, which knows no task names. */
export function nodeOf([[id, parent], members]: ResultTuple): ResultNode {
  const before = parent === null ? undefined : nodeOf(parent);
  return members === null
    ? { kind: 'task', id, task: '', parent: before }
    : { kind: 'group', id, members: members.map(nodeOf), parent: before };
}

/** Ids of all tasks of a workflow that its handle knows: its end, and all that comes before. */
export function taskIdsOf(node: ResultNode): readonly string[] {
  const ids = new Set<string>();
  const seen = new Set<ResultNode>();
  const walk = (one: ResultNode): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (one.parent !== undefined) walk(one.parent);
    if (one.kind === 'task') ids.add(one.id);
    else for (const member of one.members) walk(member);
  };
  walk(node);
  return [...ids];
}

/** Ids of the tasks whose results make up the value. */
export function leafIds(node: ResultNode): readonly string[] {
  return node.kind === 'task' ? [node.id] : node.members.flatMap(leafIds);
}
