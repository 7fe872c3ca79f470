import { type AnySignature, chain, chord, group } from '@lovage/core';
import fc from 'fast-check';

/** A workflow as a test thinks of it. Each task folds what it is given, and its own number, into one number. */
export type Shape =
  | {
      readonly kind: 'task';
      readonly n: number;
      readonly place: number;
      /** What it lets take its place. */
      readonly by?: Shape | undefined;
    }
  | { readonly kind: 'chain'; readonly steps: readonly Shape[] }
  | { readonly kind: 'group'; readonly members: readonly Shape[] }
  | { readonly kind: 'chord'; readonly header: readonly Shape[]; readonly body: Shape };

export const task = (n: number, place = 0): Shape => ({ kind: 'task', n, place });

/** A task that lets another shape take its place. */
export const replaced = (by: Shape, place = 0): Shape => ({ kind: 'task', n: 0, place, by });

const plainTasks = fc.record({
  kind: fc.constant('task' as const),
  n: fc.integer({ min: 1, max: 999 }),
  place: fc.integer({ min: 0, max: 1 }),
});

const shapesOf = (leaf: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.letrec<{ shape: Shape }>((tie) => {
    const some = fc.array(tie('shape'), { minLength: 1, maxLength: 3 });
    return {
      shape: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf,
        fc.record({ kind: fc.constant('chain' as const), steps: some }),
        fc.record({ kind: fc.constant('group' as const), members: some }),
        fc.record({ kind: fc.constant('chord' as const), header: some, body: tie('shape') }),
      ),
    };
  }).shape;

/** Random nested workflows. `place` of a task is 0 or 1: where it runs, if that can be chosen. */
export const shapes = shapesOf(plainTasks);

const replacedTasks = (by: fc.Arbitrary<Shape>): fc.Arbitrary<Shape> =>
  fc.oneof(
    plainTasks,
    fc.tuple(by, fc.integer({ min: 0, max: 1 })).map(([shape, place]) => replaced(shape, place)),
  );

/** The same where tasks let others take their place, which may do so too. */
export const replacingShapes = shapesOf(replacedTasks(shapesOf(replacedTasks(shapes))));

const numbersIn = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flatMap(numbersIn) : [Number(value)];

/** What the task `interop.fold` does, in both languages. */
export const fold = (args: readonly unknown[]): number =>
  numbersIn(args).reduce((total, number) => (total * 31 + number) % 1_000_003, 7);

/** The value of a workflow. */
export function valueOf(shape: Shape, input: readonly unknown[] = []): unknown {
  switch (shape.kind) {
    case 'task':
      return shape.by === undefined ? fold([...input, shape.n]) : valueOf(shape.by);
    case 'chain': {
      let given = input;
      let value: unknown;
      for (const step of shape.steps) {
        value = valueOf(step, given);
        given = [value];
      }
      return value;
    }
    case 'group':
      return flat(shape.members).map((member) => valueOf(member, input));
    case 'chord':
      break;
  }
  return valueOf(shape.body, [flat(shape.header).map((member) => valueOf(member, input))]);
}

/** Groups in groups are one. */
const flat = (members: readonly Shape[]): readonly Shape[] =>
  members.map(bare).flatMap((member) => (member.kind === 'group' ? flat(member.members) : [member]));

/** A chain of nothing but a group is the group, as in Celery. */
function bare(shape: Shape): Shape {
  const [only] = shape.kind === 'chain' && shape.steps.length === 1 ? shape.steps.map(bare) : [];
  return only?.kind === 'group' ? only : shape;
}

/** Makes the signature of a task. `by` is what it lets take its place. */
export type LeafMaker = (n: number, place: number, by?: AnySignature) => AnySignature;

/** The same as a signature. */
export function signatureOf(shape: Shape, leaf: LeafMaker): AnySignature {
  const each = (all: readonly Shape[]): readonly AnySignature[] => all.map((one) => signatureOf(one, leaf));
  switch (shape.kind) {
    case 'task':
      return leaf(shape.n, shape.place, shape.by && signatureOf(shape.by, leaf));
    case 'chain':
      return (chain as (steps: readonly AnySignature[]) => AnySignature)(each(shape.steps));
    case 'group':
      return group(each(shape.members));
    case 'chord':
      break;
  }
  return (chord as (header: readonly AnySignature[], body: AnySignature) => AnySignature)(
    each(shape.header),
    signatureOf(shape.body, leaf),
  );
}

/** How many runs it has. */
export const sizeOf = (shape: Shape): number => sumOfTasks(shape, (by) => 1 + sizeOf(by));

/** How many ids its runs have: what takes the place of a task has its id, unless it ends with a group, which a builtin task gathers. */
export const idsOf = (shape: Shape): number =>
  sumOfTasks(shape, (by) => idsOf(by) + (endsWithGroup(by) ? 1 : 0));

/** One for each task, or what `ofReplaced` gives for that which takes its place. */
function sumOfTasks(shape: Shape, ofReplaced: (by: Shape) => number): number {
  const sum = (all: readonly Shape[]): number =>
    all.reduce((total, one) => total + sumOfTasks(one, ofReplaced), 0);
  switch (shape.kind) {
    case 'task':
      return shape.by === undefined ? 1 : ofReplaced(shape.by);
    case 'chain':
      return sum(shape.steps);
    case 'group':
      return sum(shape.members);
    case 'chord':
      break;
  }
  return sum([...shape.header, shape.body]);
}

function endsWithGroup(shape: Shape): boolean {
  if (shape.kind === 'chain') return shape.steps.slice(-1).some(endsWithGroup);
  return shape.kind === 'group' || (shape.kind === 'chord' && endsWithGroup(shape.body));
}
