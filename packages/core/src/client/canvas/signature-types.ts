import type { SignatureJson } from '../../message/signature-json.js';
import type { SignatureSender } from './signature-sender.js';

/** Any arguments: what a signature takes of which nothing is known, or which takes whatever comes and leaves it alone. */
// reason: it stands in a contravariant place, where only `any` fits all.
// oxlint-disable-next-line no-explicit-any
export type Anything = readonly any[];

/** Any signature, whatever it takes and gives. */
export interface AnySignature {
  readonly types?: {
    readonly out: unknown;
    readonly takes: (...args: Anything) => void;
    readonly result: unknown;
  };
  readonly sender?: SignatureSender | undefined;
  toJSON(): SignatureJson;
}

/** The value that a signature ends with. */
export type OutOf<S> = S extends { readonly types?: { readonly out: infer Out } } ? Out : unknown;

/** The arguments that a signature still takes, before its own. */
export type InOf<S> = S extends { readonly types?: { readonly takes: (...args: infer In) => void } }
  ? In
  : never;

/** The first of some arguments. */
export type FirstOf<Args> = Args extends readonly [infer First, ...unknown[]]
  ? First
  : Args extends readonly (infer Each)[]
    ? Each
    : never;

/** The handle that sending it gives. */
export type ResultOf<S> = S extends { readonly types?: { readonly result: infer Result } } ? Result : unknown;

/** The last arguments of a task, any number of them: what `s` may be given. */
export type Suffix<Args extends readonly unknown[]> = number extends Args['length']
  ? Readonly<Args>
  : Args['length'] extends 0
    ? readonly []
    : Args extends readonly [unknown?, ...infer Rest]
      ? Readonly<Args> | Suffix<Rest>
      : readonly [];

type Fronts<Args extends readonly unknown[]> = Args extends readonly [...infer Front, unknown]
  ? Args | Fronts<Front>
  : [];

type Fitting<
  Front,
  Given extends readonly unknown[],
  Args extends readonly unknown[],
> = Front extends readonly unknown[] ? ([...Front, ...Given] extends Args ? Front : never) : never;

/** What may stand before the given arguments: all that together make a call. */
export type Missing<
  Args extends readonly unknown[],
  Given extends readonly unknown[],
> = number extends Args['length'] ? Args : Fitting<Fronts<Required<Args>>, Given, Args>;

/** What is wrong with a step, as the editor shows it. */
export interface DoesNotTake<Value, In> {
  readonly error: 'this step does not take the value of the step before it as its first argument';
  readonly value: Value;
  readonly takes: In;
}

/** A signature if it can be called with a value, else an explanation that no signature is. */
export type Taking<Value, S> = [Value] extends InOf<S> ? S : DoesNotTake<Value, InOf<S>>;

/** The steps of a chain, each checked against the value of the one before it. */
export type CheckedSteps<Steps extends readonly unknown[], Value = Nothing> = Steps extends readonly [
  infer First,
  ...infer Rest,
]
  ? readonly [Value extends Nothing ? First : Taking<Value, First>, ...CheckedSteps<Rest, OutOf<First>>]
  : Steps;

/** Stands for the value before the first step. */
export interface Nothing {
  readonly nothing: unique symbol;
}

export type Last<Steps extends readonly unknown[]> = Steps extends readonly [...infer _Front, infer End]
  ? End
  : Steps[number];

/** Values of the members of a group; those of groups in it stand in the same row. */
export type OutsOf<Members extends readonly unknown[]> = number extends Members['length']
  ? OutOf<Members[number]>[]
  : Members extends readonly [infer First, ...infer Rest]
    ? First extends { readonly members: true }
      ? [...Extract<OutOf<First>, readonly unknown[]>, ...OutsOf<Rest>]
      : [OutOf<First>, ...OutsOf<Rest>]
    : [];

type Both<Union> = (Union extends unknown ? (one: Union) => void : never) extends (both: infer All) => void
  ? All
  : never;

/** What all members of a group take. */
export type InOfAll<Members extends readonly unknown[]> = Members extends readonly []
  ? Anything
  : Both<
        Members[number] extends infer Each ? (Each extends unknown ? { in: InOf<Each> } : never) : never
      > extends {
        in: infer In;
      }
    ? In extends readonly unknown[]
      ? In
      : never
    : never;
