import type { EncodeContext } from './codec-context.js';
import { toJson } from './json-serializer.js';
import type { SignatureJson } from './signature-json.js';
import type { Embed } from './task-message.js';

interface Text {
  readonly text: string;
  /** The limit under which it was written. */
  readonly maxDepth: number;
}

/** How deep signatures stand in a body: in a list in an object in a list, or in the object alone. */
const inList = 3;
const alone = 2;

type Signatures = readonly SignatureJson[];

/**
 * Signatures, and lists of them, as they were read from messages or are made for those of one plan. Nobody but this library has them, so
 * nobody changes them, and each is written once: the rest of a chain goes from step to step, the body of a chord with each of its members.
 */
const read = new WeakMap<SignatureJson | Signatures, Text | undefined>();

/** @param one a whole signature, or a list of nothing but such */
export function markRead<One extends SignatureJson | Signatures>(one: One): One {
  read.set(one, undefined);
  return one;
}

/** Whether a list was read from a message; then its signatures are whole. */
export const isRead = (list: readonly unknown[]): list is Signatures => read.has(list as Signatures);

/** Whether all that follows was read from a message, and so can not change any more. */
export function wasRead({ callbacks, errbacks, chain, chord }: Embed): boolean {
  return [callbacks, errbacks, chain, chord].every((one) => one === null || read.has(one));
}

/** A chain without its last signature, which is the next step; at least one must be left. Its text is cut, not written again. */
export function withoutLast(chain: Signatures): Signatures {
  const rest = chain.slice(0, -1);
  if (!read.has(chain)) return rest;
  const whole = read.get(chain);
  const last = read.get(chain[rest.length] as SignatureJson);
  const isKnown = whole !== undefined && whole.maxDepth === last?.maxDepth;
  read.set(
    rest,
    isKnown
      ? { text: `${whole.text.slice(0, -`,${last.text}]`.length)}]`, maxDepth: last.maxDepth }
      : undefined,
  );
  return rest;
}

/**
 * The JSON text of an embed that was read from a message.
 *
 * @throws as `toJson`
 */
export function textOfRead({ callbacks, errbacks, chain, chord }: Embed, context: EncodeContext): string {
  const list = (name: string, signatures: Signatures | null): string =>
    signatures === null ? 'null' : textOf(signatures, { ...context, where: `embed.${name}` }, inList);
  const last = chord === null ? 'null' : textOf(chord, { ...context, where: 'embed.chord' }, alone);
  return `{"callbacks":${list('callbacks', callbacks)},"errbacks":${list('errbacks', errbacks)},"chain":${list('chain', chain)},"chord":${last}}`;
}

function textOf(one: SignatureJson | Signatures, context: EncodeContext, outerDepth: number): string {
  const known = read.get(one);
  const { maxDepth } = context.limits;
  if (known?.maxDepth === maxDepth) return known.text;
  const text = isList(one)
    ? `[${one.map((signature) => textOf(signature, context, outerDepth)).join(',')}]`
    : toJson(one, context, outerDepth);
  if (context.jsonTypes === 'typed') read.set(one, { text, maxDepth });
  return text;
}

const isList = (one: SignatureJson | Signatures): one is Signatures => Array.isArray(one);
