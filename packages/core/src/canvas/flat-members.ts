import type { SignatureJson } from '../message/signature-json.js';
import { kindOf, tasksOf } from './signature-shape.js';

/**
 * The members of a group that is built here: groups in it without options of their own are taken apart at once, since Celery's workers turn the order of
 * their members round.
 */
export function builtMembers(members: readonly SignatureJson[]): readonly SignatureJson[] {
  return members.flatMap((member) =>
    kindOf(member) === 'group' && Object.keys(member.options).length === 0
      ? builtMembers(tasksOf(member))
      : [member],
  );
}

/** The members of a group; those of groups in it are members themselves, in the order in which they stand. */
export function flatMembers(members: readonly SignatureJson[]): readonly SignatureJson[] {
  if (!members.some((member) => kindOf(member) === 'group')) return members;
  return members.flatMap((member) => (kindOf(member) === 'group' ? flatMembers(tasksOf(member)) : [member]));
}
