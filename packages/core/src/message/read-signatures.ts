import type { EncodeContext } from './codec-context.js';
import { toJson } from './json-serializer.js';
import type { SignatureJson } from './signature-json.js';
import type { Embed } from './task-message.js';

interface Text {
  readonly text: string;
  /** The limit under which it was written. */
  readonly maxDepth: number;
}

/** Signatures stand in a list in an object in a list. */
const outerDepth = 3;

/**
 * Signatures as they were read from messages. Nobody but this library has them, so nobody changes them, and each is written
 * once: the rest of a chain goes from step to step.
 */
const read = new WeakMap<SignatureJson, Text | undefined>();

export function markRead(signature: SignatureJson): SignatureJson {
  read.set(signature, undefined);
  return signature;
}

/** Whether all that follows was read from a message, and so can not change any more. */
export function wasRead({ callbacks, errbacks, chain, chord }: Embed): boolean {
  return (
    [callbacks, errbacks, chain].every(
      (list) => list === null || (list.length > 0 && list.every((one) => read.has(one))),
    ) &&
    (chord === null || read.has(chord))
  );
}

/**
 * The JSON text of an embed that was read from a message.
 *
 * @throws as `toJson`
 */
export function textOfRead({ callbacks, errbacks, chain, chord }: Embed, context: EncodeContext): string {
  const list = (signatures: readonly SignatureJson[] | null): string => {
    if (signatures === null) return 'null';
    let text = '[';
    for (let at = 0; at < signatures.length; at += 1) {
      if (at > 0) text += ',';
      text += textOf(signatures[at] as SignatureJson, context);
    }
    return `${text}]`;
  };
  const last = chord === null ? 'null' : textOf(chord, context);
  return `{"callbacks":${list(callbacks)},"errbacks":${list(errbacks)},"chain":${list(chain)},"chord":${last}}`;
}

function textOf(signature: SignatureJson, context: EncodeContext): string {
  const known = read.get(signature);
  const { maxDepth } = context.limits;
  if (known?.maxDepth === maxDepth) return known.text;
  const text = toJson(signature, { ...context, where: 'embed' }, outerDepth);
  if (context.jsonTypes === 'typed') read.set(signature, { text, maxDepth });
  return text;
}
