import { isUtf8 } from 'node:buffer';
import { BODY_UNDECODABLE } from '../errors/message-errors.js';
import type { DecodeContext } from './codec-context.js';
import type { Encoded } from './encoded.js';

/** @throws LOVAGE_BODY_UNDECODABLE for bytes that are no UTF-8 */
export function utf8Text(encoded: Encoded, contentType: string, context: DecodeContext): string {
  if (typeof encoded === 'string') return encoded;
  const text = encoded.toString();
  // Bad bytes become U+FFFD, so the exact check is needed only where there is one.
  if (text.includes('\uFFFD') && !isUtf8(encoded)) {
    throw BODY_UNDECODABLE.create({ ...context.identity, contentType, problem: 'it is no UTF-8 text' });
  }
  return text;
}
