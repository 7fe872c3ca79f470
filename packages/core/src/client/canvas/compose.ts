import { builtMembers } from '../../canvas/flat-members.js';
import { pipeAll } from '../../canvas/pipe.js';
import { makeChord, makeGroup } from '../../canvas/signature-shape.js';
import { chunksJson, mapJson } from '../../canvas/chunks.js';
import type { GroupResult } from '../group-result.js';
import { GroupSignature } from './group-signature.js';
import { jsonOf, Signature } from './signature.js';
import type { SignatureSender } from './signature-sender.js';
import type {
  AnySignature,
  CheckedSteps,
  FirstOf,
  InOf,
  InOfAll,
  Last,
  OutOf,
  OutsOf,
  ResultOf,
  Taking,
  Anything,
} from './signature-types.js';

const senderOf = (signatures: readonly unknown[]): SignatureSender | undefined =>
  signatures.map((one) => (one as AnySignature).sender).find((sender) => sender !== undefined);

/**
 * One after the other, each with the value of the one before it: `chain(add.s(4, 16), mul.s(2), add.s(4))`. A step that does not take that
 * value does not compile. A group that a step follows becomes a chord; chains in it become one.
 */
export function chain<const Steps extends readonly [AnySignature, ...AnySignature[]]>(
  ...steps: Steps & CheckedSteps<Steps>
): Signature<OutOf<Last<Steps>>, InOf<Steps[0]>, ResultOf<Last<Steps>>>;
/** Any number of steps that all take and give the same. */
export function chain<Value>(steps: readonly Signature<Value, [Value]>[]): Signature<Value, [Value]>;
export function chain(...given: readonly unknown[]): AnySignature {
  const [first] = given;
  const steps = given.length === 1 && Array.isArray(first) ? (first as readonly unknown[]) : given;
  return new Signature(pipeAll(steps.map(jsonOf)), senderOf(steps));
}

/** Side by side: `group(add.s(2, 2), add.s(4, 4))`, or an array of signatures. */
export function group<const Members extends readonly AnySignature[]>(
  members: Members,
): GroupSignature<OutsOf<Members>, InOfAll<Members>>;
export function group<const Members extends readonly AnySignature[]>(
  ...members: Members
): GroupSignature<OutsOf<Members>, InOfAll<Members>>;
export function group(...given: readonly unknown[]): AnySignature {
  const [first] = given;
  const members = given.length === 1 && Array.isArray(first) ? (first as readonly unknown[]) : given;
  return new GroupSignature(makeGroup(builtMembers(members.map(jsonOf))), senderOf(members));
}

/** A body that runs once, with the array of the values of all members of the header: `chord([add.s(1, 2), mul.s(3, 4)], xsum.s())`. */
export function chord<const Header extends readonly AnySignature[], Body extends AnySignature>(
  header: Header,
  body: Body & Taking<OutsOf<Header>, Body>,
): Signature<OutOf<Body>, InOfAll<Header>, ResultOf<Body>> {
  const members = header as readonly unknown[];
  return new Signature(
    makeChord(builtMembers(members.map(jsonOf)), jsonOf(body)),
    senderOf([...members, body]),
  );
}

/** One task that runs another for each item, one after the other, and gives the array of the values. */
export function map<S extends AnySignature>(
  task: S,
  items: readonly FirstOf<InOf<S>>[],
): Signature<OutOf<S>[]> {
  return new Signature(mapJson('celery.map', jsonOf(task), items), task.sender);
}

/** As `map`, with an array of arguments for each item. */
export function starmap<S extends AnySignature>(task: S, items: readonly InOf<S>[]): Signature<OutOf<S>[]> {
  return new Signature(mapJson('celery.starmap', jsonOf(task), items), task.sender);
}

/**
 * As `starmap`, cut into tasks of `size` items each, which run side by side; gives an array for each of them.
 *
 * @param size from 1
 */
export function chunks<S extends AnySignature>(
  task: S,
  items: readonly InOf<S>[],
  size: number,
): Signature<OutOf<S>[][], Anything, GroupResult<OutOf<S>[][]>> {
  return new Signature(chunksJson(jsonOf(task), items, size), task.sender);
}
