import { createHash } from 'node:crypto';

/** What a run of chords consists of. */
export interface ChordPlan {
  readonly seed: number;
  readonly chords: number;
  /** Members of the header of each. */
  readonly size: number;
}

/** Takes the time it works, in milliseconds, and its number; gives its value. */
export const memberName = 'accounting.member';
/** Takes the values of the header, the time it works, and its number; gives the digest of the values. */
export const bodyName = 'accounting.body';

/** Numbers of the tasks of a chord: of its members in their order, and of its body. */
export function numbersOf(
  { size }: ChordPlan,
  chord: number,
): { readonly members: readonly number[]; readonly body: number } {
  const first = chord * (size + 1);
  return { members: Array.from({ length: size }, (_, index) => first + index), body: first + size };
}

/** The value of a member: another one for each. */
export const memberValue = (number: number): number => Math.imul(number + 1, 2654435761) >>> 0;

/** Tells apart any two arrays of values, in length and order too. */
export const digestOf = (values: unknown): string =>
  createHash('sha1').update(JSON.stringify(values)).digest('hex').slice(0, 16);

/** What the body of a chord must give. */
export const expectedOf = (plan: ChordPlan, chord: number): string =>
  digestOf(numbersOf(plan, chord).members.map(memberValue));
