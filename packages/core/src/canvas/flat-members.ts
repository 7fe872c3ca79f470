import type { SignatureJson } from '../message/signature-json.js';
import { kindOf, tasksOf } from './signature-shape.js';

/** The members of a group; those of groups in it are members themselves, in the order in which they stand. */
export function flatMembers(members: readonly SignatureJson[]): readonly SignatureJson[] {
  if (!members.some((member) => kindOf(member) === 'group')) return members;
  return members.flatMap((member) => (kindOf(member) === 'group' ? flatMembers(tasksOf(member)) : [member]));
}
