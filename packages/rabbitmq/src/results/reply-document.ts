import { decodeResult, defaultMessageLimits, type Encoded } from '@lovage/core';

/** Documents as Lovage and as Celery write them: their first field, or the second. */
const usual = /^\{(?:"task_id": ?"[^"\\]*", ?)?"status": ?"([^"\\]*)"/;
const headLength = 400;
/** Only the state is looked at here; whoever reads the value has a list of their own. */
const anyContent: ReadonlySet<string> = new Set([
  'application/json',
  'application/x-msgpack',
  'application/x-yaml',
]);

/** State and id in a result document; `undefined`: it is none that Lovage reads. */
export function readReply(document: Buffer): { readonly state: string; readonly taskId: string } | undefined {
  try {
    const { state, taskId } = decodeResult(document, {
      acceptContent: anyContent,
      limits: defaultMessageLimits,
    });
    return { state, taskId };
  } catch {
    return undefined;
  }
}

/** The state alone, in most cases without reading all of it. */
export function stateOf(document: Buffer): string | undefined {
  return usual.exec(document.toString('utf8', 0, headLength))?.[1] ?? readReply(document)?.state;
}

/** Documents do not say what they are; their first byte does, as `decodeResult` has it. */
export function contentOf(document: Encoded): {
  readonly contentType: string;
  readonly contentEncoding: string;
} {
  const first = typeof document === 'string' ? document.charCodeAt(0) : document[0];
  if (first === 0x7b) return { contentType: 'application/json', contentEncoding: 'utf-8' };
  return typeof document !== 'string' && (first ?? 0) >= 0x80
    ? { contentType: 'application/x-msgpack', contentEncoding: 'binary' }
    : { contentType: 'application/x-yaml', contentEncoding: 'utf-8' };
}
