import type { Encoded } from '@lovage/core';

/** Units or bytes at the beginning of a document in which its state is looked for first; a longer state is found otherwise. */
const headLength = 200;

/** JSON as Celery and Lovage write it, and YAML as Lovage writes it: the state is the first field. */
const firstField = /^(?:--- )?\{"status": ?"([^"\\]*)"/;
/** YAML as Python writes it: sorted keys, each at the beginning of a line; all that is nested is indented. */
const yamlLine = /^status: (?:(['"])(.*)\1|([^'"\s].*?)) *$/m;
/** States that stand in JSON as they are. */
// reason: control characters must be escaped in JSON.
// oxlint-disable-next-line no-control-regex
const plainState = /^[^"\\\u0000-\u001f]*$/;

/**
 * Whether a document begins with its state, as all that Lovage writes as JSON do: then the state need not be kept beside it.
 * What this finds the scripts find too, see `stating` in scripts/parts.ts.
 */
export function showsState(document: Encoded, state: string): boolean {
  if (!plainState.test(state) || state.length > headLength / 4) return false;
  if (typeof document === 'string') return document.startsWith(`{"status":"${state}"`);
  return stateAtHead(document) === state;
}

/**
 * The state inside a result document, whoever wrote it, in whatever form.
 *
 * @param kept what is kept beside documents that do not begin with their state
 * @returns `undefined`: nothing tells; it is no result document, or one in a form that Lovage does not read
 */
export function stateOf(document: Buffer, kept?: string): string | undefined {
  return stateAtHead(document) ?? stateInside(document) ?? kept;
}

/** The state, where the document begins with it. */
export function stateAtHead(document: Buffer): string | undefined {
  const first = document[0] ?? 0;
  if (first >= 0x80) return stateInMsgpack(document);
  return firstField.exec(document.toString('utf8', 0, headLength))?.[1];
}

/** A map whose first key is `status`, with a short text behind it. */
function stateInMsgpack(document: Buffer): string | undefined {
  const [first = 0] = document;
  const at = first <= 0x8f ? 1 : first === 0xde ? 3 : 0;
  if (at === 0 || document.toString('latin1', at, at + 7) !== '\u00a6status') return undefined;
  const mark = document[at + 7] ?? 0;
  if (mark >= 0xa0 && mark <= 0xbf) return document.toString('utf8', at + 8, at + 8 + (mark & 0x1f));
  if (mark === 0xd9) return document.toString('utf8', at + 9, at + 9 + (document[at + 8] ?? 0));
  return undefined;
}

/** The state further inside: JSON in another order of fields, or YAML as Python writes it. */
function stateInside(document: Buffer): string | undefined {
  const [first = 0] = document;
  if (first >= 0x80) return undefined;
  const text = document.toString();
  if (first !== openBrace) {
    const [, , quoted, plain] = yamlLine.exec(text) ?? [];
    return quoted ?? plain;
  }
  try {
    const value = JSON.parse(text) as { readonly status?: unknown } | null;
    return typeof value?.status === 'string' ? value.status : undefined;
  } catch {
    return undefined;
  }
}

const openBrace = 0x7b;
